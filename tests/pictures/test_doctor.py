"""How the check-up looks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from typing import Any

from textual.pilot import Pilot

from pausetui.app import PauseTui
from pausetui.core.doctor.finding import CheckUp, Finding, FindingId
from pausetui.core.observation import Problem
from pausetui.live.picture import Picture
from pausetui.text import ASCII, UNICODE, Glyphs
from tests.factories import NOW, pod
from tests.fakes import FakeSession
from tests.scenes import api, picture, web
from tests.waiting import await_until

Compare = Callable[..., bool]
UNSEEN = Problem("kernel", "namespaces of some processes", "Permission denied, even for root")
FINDINGS = (
    Finding(
        FindingId.NOTREADY_WITH_RUNNING_MEMBERS,
        api().key,
        "shop/api",
        "Its pause is gone and its members run on: the pod is not whole, and nothing of it is restarted.",
        ("sandbox attempt 0 is NotReady", "running: nginx"),
        "stop what is left of it (nginx); then it is made again",
        "crictl stopp 44d1c7f2a9e03",
    ),
    Finding(
        FindingId.CRASH_LOOP,
        web().members[0].key,
        "default/web nginx",
        "nginx ends again and again, and waits longer before each restart.",
        ("4 restarts in this sandbox, the last in 10 min", "last exit 137 (SIGKILL)"),
        "see what it said before it ended",
        "crictl logs --tail 50 9b1c77a0e4d52",
    ),
    Finding(
        FindingId.LEAKED_VETH,
        "/sys/class/net/veth1a2b3c4d",
        "veth1a2b3c4d",
        "The node's end of a veth that no pod uses: its other end is in a network namespace that nobody can reach "
        "any more. As a rule a runtime ended before it could clean up (containerd/cri#568).",
        (
            "veth1a2b3c4d is a port of cni0",
            "its other end is in a network namespace that no process is in and no bind mount leads to",
            "inside: lo, eth0, 10.244.0.17",
            "it is held by log-agent (pid 812), which has it open",
        ),
        "delete the veth: both ends go, and the address with them",
        "ip link delete veth1a2b3c4d",
    ),
    Finding(
        FindingId.ADDRESS_RESERVED_FOR_NOBODY,
        "/var/lib/cni/networks/node/10.244.0.17",
        "node 10.244.0.17",
        "An address is kept for a sandbox that no longer exists.",
        ("/var/lib/cni/networks/node/10.244.0.17 names 0ddc0ffee0123, which the runtime does not know",),
        "give the address back",
        "rm /var/lib/cni/networks/node/10.244.0.17",
    ),
)


class Checked(FakeSession):
    """A session of which the check-up is known."""

    def __init__(self, seen: Picture, found: tuple[Finding, ...], problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(seen)
        self._found = CheckUp(NOW, "crictl", len(seen.snapshot.pods), found, problems)

    def check_up(self, namespace: str | None) -> CheckUp:
        self.checked += 1
        return self._found


def checked(session: Checked, glyphs: Glyphs = UNICODE) -> PauseTui:
    return PauseTui(session, glyphs=glyphs, zone=UTC, driver_class=None)


def shown(pilot: Pilot[Any]) -> str:
    """What is on the terminal."""
    return "".join(strip.text for strip in pilot.app.screen._compositor.render_strips())


def pressing(*keys: str) -> Callable[[Pilot[Any]], Any]:
    async def press(pilot: Pilot[Any]) -> None:
        await pilot.press("c")
        await await_until(lambda: "That was at" in shown(pilot))
        await pilot.press(*keys)
        await pilot.pause()

    return press


def sick() -> Checked:
    return Checked(picture(web(), api()), FINDINGS, (UNSEEN,))


def test_findings(snap_compare: Compare) -> None:
    assert snap_compare(checked(sick()), terminal_size=(120, 40), run_before=pressing("j", "j"))


def test_nothing_found(snap_compare: Compare) -> None:
    assert snap_compare(checked(Checked(picture(pod("quiet")), ())), terminal_size=(120, 40), run_before=pressing())


def test_findings_at_80x24_in_ascii(snap_compare: Compare) -> None:
    assert snap_compare(checked(sick(), ASCII), terminal_size=(80, 24), run_before=pressing())
