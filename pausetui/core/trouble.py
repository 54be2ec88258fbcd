"""What is wrong with a pod: the one place that decides what counts as wrong (``!``, "K bad")."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pausetui.core.cut_off import links_down
from pausetui.core.doing import is_bereft, is_left_down
from pausetui.core.inventory import ContainerState, PodState, Role
from pausetui.core.observation import Problem
from pausetui.core.snapshot import Container, Pod, Snapshot
from pausetui.core.wording import addresses

_ELSEWHERE = "it is not in the pod's network namespace"
RECENT = timedelta(minutes=10)
"""How long a restart counts as something wrong."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is wrong.

    Attributes:
        subject: The key of the pod or container.
        text: What is wrong, in one line.
        until: When it stops counting by itself, or None if it has to be mended.
        seen_in_columns: The columns of the tree say it already, once the pod is unfolded.
        word: The same in one or two words, or "" if the pod's own row says it already.
    """

    subject: str
    text: str
    until: datetime | None = None
    seen_in_columns: bool = False
    word: str = ""


def troubles(pod: Pod, problems: Sequence[Problem], now: datetime) -> tuple[Trouble, ...]:
    """Everything that is wrong with a pod now; ``problems`` are those of the snapshot."""
    return (
        *_of_the_sandbox(pod),
        *(trouble for one in pod.containers() for trouble in _of_a_container(pod, one, now)),
        *_reported(pod, problems),
    )


def word_for(found: Sequence[Trouble]) -> str:
    """The word for the row of a pod: of what has to be mended, else of what passes by itself; "" for none."""
    lasting = sorted((one for one in found if one.word), key=lambda one: one.until is not None)
    return lasting[0].word if lasting else ""


def other_problems(snapshot: Snapshot) -> tuple[Problem, ...]:
    """The problems that belong to no pod: of the backend, the kernel, the machine."""
    if not snapshot.problems:
        return ()
    keys = {pod.key for pod in snapshot.pods}
    keys.update(one.key for pod in snapshot.pods for one in pod.containers())
    return tuple(problem for problem in snapshot.problems if problem.subject not in keys)


def is_empty(pod: Pod) -> bool:
    """Whether every member (init containers apart) has ended, and no container of the pod runs."""
    members = [one for one in pod.members if one.role is not Role.INIT]
    ended = bool(members) and all(one.state is ContainerState.EXITED for one in members)
    return ended and not any(one.state is ContainerState.RUNNING for one in pod.containers())


def _of_the_sandbox(pod: Pod) -> Iterator[Trouble]:
    if pod.shares_nothing:
        return  # it has none: a container that was stopped is nothing wrong, and one that failed says so itself
    if pod.state is PodState.NOTREADY:
        yield Trouble(pod.key, "its sandbox is NotReady", seen_in_columns=True)
    elif is_empty(pod):
        yield Trouble(pod.key, "nothing runs in it: all its members have ended", word="nothing runs")
    if has_another_address(pod):
        told, real = addresses(pod.runtime_addresses), addresses(pod.addresses)
        word = "other address" if pod.addresses else "lost address"
        yield Trouble(pod.key, f"the runtime says {told}, the kernel has {real}", word=word)
    if down := links_down(pod):
        named = ", ".join(f"{link.name} {link.state}" for link in down)
        yield Trouble(pod.key, f"none of its links is up: {named}", word="link down")


def has_another_address(pod: Pod) -> bool:
    """Whether the runtime gives out an address that the pod's network does not have."""
    if pod.addresses is None or not pod.runtime_addresses or pod.host_network:
        return False
    # A sandbox that has ended lost its address with it, and says so itself. gVisor takes it out of the namespace.
    looked_at = bool(pod.addresses) or (pod.state is PodState.READY and pod.runtime_handler is None)
    # One more is nothing wrong: a second network (Multus), a virtual address that a member holds.
    return looked_at and not set(pod.addresses) >= set(pod.runtime_addresses)


def _of_a_container(pod: Pod, container: Container, now: datetime) -> Iterator[Trouble]:
    lost = f"the container whose network it joined is gone ({(container.joins or '')[:12]})"
    if is_bereft(pod, container):
        orphaned = "is orphaned, and " if container.key in pod.orphans else ""
        yield Trouble(container.key, f"{container.name} {orphaned}can't be started again: {lost}", word="orphan")
    elif container.key in pod.orphans:
        ended = pod.pause is not None and pod.pause.state is ContainerState.EXITED
        why = f"{pod.pause.name} has ended, and the network with it" if pod.pause is not None and ended else ""
        what = f"{container.name} is orphaned: {why or _ELSEWHERE}"
        yield Trouble(container.key, what, word="orphan")
    failed = container.state is ContainerState.EXITED and container.exit_code not in (None, 0)
    if failed or (container.state is ContainerState.EXITED and container.role is Role.PAUSE):
        unhelped = "; its restart policy could not start it again" if is_left_down(pod, container) else ""
        yield Trouble(container.key, f"{container.name} has ended{unhelped}", seen_in_columns=True, word="ended")
    # Podman counts a start that failed, too: of what has ended it is not known whether it ever ran again.
    by_policy = container.restart_policy is None or container.state is not ContainerState.EXITED
    started = container.started_at
    if ((container.restarts and by_policy) or container.attempt) and started is not None and now - started < RECENT:
        remade = container.role is Role.PAUSE
        what = "its sandbox was made anew" if remade else f"{container.name} was restarted"
        word = "new sandbox" if remade else "restarted"
        yield Trouble(container.key, what, started + RECENT, seen_in_columns=True, word=word)


def _reported(pod: Pod, problems: Sequence[Problem]) -> Iterator[Trouble]:
    if problems:
        keys = {pod.key, *(one.key for one in pod.containers())}
        for problem in problems:
            if problem.subject in keys:
                yield Trouble(problem.subject, f"{problem.what}: {problem.why}", word="problem")
