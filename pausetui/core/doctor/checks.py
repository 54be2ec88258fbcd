"""What is wrong on this machine: every check, and each finding with what it means and what to do. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pausetui.core.doctor import leaks, networks, pods, processes, runtimes, sandboxes
from pausetui.core.doctor.finding import Examined, Finding

CHECKS: tuple[Callable[[Examined], Iterator[Finding]], ...] = (
    runtimes.silent_runtimes,
    pods.orphan_members,
    pods.members_left_down,
    pods.stale_addresses,
    sandboxes.not_ready_with_members,
    sandboxes.two_ready_sandboxes,
    sandboxes.piling_sandboxes,
    sandboxes.remade_again_and_again,
    pods.missing_sharing,
    pods.crash_loops,
    processes.restless_pauses,
    processes.lasting_zombies,
    leaks.leaked_pins,
    leaks.leaked_veths,
    leaks.reserved_for_nobody,
    networks.links_all_down,
    networks.lost_default_routes,
    networks.duplicate_addresses,
    networks.port_clashes_of_pods,
)


def findings(examined: Examined) -> tuple[Finding, ...]:
    """Everything that is wrong, in the order of the checks and then of the pods."""
    return tuple(finding for check in CHECKS for finding in check(examined))
