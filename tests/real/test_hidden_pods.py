"""What nobody sees of root's pods where no cgroup names them: the lab's, through the proc backend."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from pausetui.core.namespaces import NamespaceKind
from tests.real import labs
from tests.real.nobody import pausetui_as_nobody, screen_as_nobody
from tests.real.ptys import Pty
from tests.real.spawn import sleeping
from tests.waiting import until

pytestmark = pytest.mark.real

PROC = ("--backend", "proc")
TO_SEE_THE_REST = "needs root to see the rest:"


@pytest.fixture(scope="module", autouse=True)
def lab() -> Iterator[labs.Lab]:
    with labs.lab("web", "shared-pid", "no-pause") as running:
        yield running


def main_pids(lab: labs.Lab, name: str) -> tuple[int | None, set[int]]:
    """The pids of the pause and of the members, as the lab says."""
    pod = lab.pod(name)
    members = {labs.running(one).pid for one in pod.members}
    return (labs.running(pod.pause).pid if pod.pause else None), members


def seen_pids(pod: Any) -> tuple[int | None, set[int]]:
    return (pod["pause"]["pid"] if pod["pause"] else None), {member["pid"] for member in pod["members"]}


def pods(*options: str, before: tuple[str, ...] = ()) -> list[Any]:
    done = pausetui_as_nobody(*PROC, "snapshot", "-o", "json", *options, before=before)
    assert done.returncode == 0, done.stderr
    found: list[Any] = json.loads(done.stdout)["pods"]
    return found


def of_lab(found: list[Any], lab: labs.Lab, name: str) -> Any:
    """That pod of the lab, among all that there may be on this machine."""
    pids = main_pids(lab, name)[1]
    (pod,) = [pod for pod in found if not pids.isdisjoint(seen_pids(pod)[1])]
    return pod


@pytest.mark.parametrize("name", ["web", "shared-pid", "no-pause"])
def test_nobody_sees_which_processes_are_a_pod_and_which_is_its_pause(lab: labs.Lab, name: str) -> None:
    assert seen_pids(of_lab(pods(), lab, name)) == main_pids(lab, name)


def test_nobody_sees_its_address_and_no_namespace(lab: labs.Lab) -> None:
    pod = of_lab(pods(), lab, "web")
    containers = [pod["pause"], *pod["members"]]
    assert pod["addresses"] == list(lab.pod("web").runtime_addresses)
    assert {space for one in containers for space in one["namespaces"].values()} == {None}
    assert all(one["cannot_read"] for one in containers)


def test_the_network_of_the_lab_itself_is_no_pod(lab: labs.Lab) -> None:
    everyone = {pid for pod in pods() for pid in seen_pids(pod)[1]}
    assert lab.init() not in everyone


def test_a_lone_process_in_an_empty_network_is_no_pod() -> None:
    with sleeping(NamespaceKind.NET) as process:
        assert all(process.pid not in seen_pids(pod)[1] for pod in pods())


def test_each_line_of_its_containers_says_needs_root(lab: labs.Lab) -> None:
    pause, members = main_pids(lab, "web")
    lines = pausetui_as_nobody(*PROC, "snapshot").stdout.splitlines()
    of_it = [line for line in lines if {str(pause), *map(str, members)} & set(line.split())]
    assert [line.endswith("  needs root") for line in of_it] == [True] * 3


def test_a_key_stays_from_one_look_to_the_next(lab: labs.Lab) -> None:
    assert of_lab(pods(), lab, "web")["key"] == of_lab(pods(), lab, "web")["key"]


def test_in_a_pid_namespace_with_the_old_proc_the_same_is_seen(lab: labs.Lab) -> None:
    found = pods(before=("unshare", "-pf", "--kill-child"))
    assert seen_pids(of_lab(found, lab, "web")) == main_pids(lab, "web")


def test_in_a_network_of_our_own_with_the_hosts_pids_the_same_is_seen(lab: labs.Lab) -> None:
    found = pods(before=("unshare", "-n"))
    assert seen_pids(of_lab(found, lab, "web")) == main_pids(lab, "web")


def test_in_a_pid_namespace_with_a_proc_of_its_own_there_are_no_pods_and_the_lab_is_offered() -> None:
    done = pausetui_as_nobody(*PROC, "snapshot", before=("unshare", "-pf", "--mount-proc", "--kill-child"))
    assert (done.returncode, "no pods found" in done.stdout, "pausetui lab up" in done.stderr) == (0, True, True)


# -- the screen --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
def test_the_screen_shows_the_pod_and_needs_root_and_the_whole_command(
    lab: labs.Lab, size: tuple[int, int]
) -> None:
    (address,) = lab.pod("web").runtime_addresses
    with screen_as_nobody(*PROC, "--ascii", size=size) as screen:
        screen.wait_for(address)
        shown = "".join(screen.display.split())
        assert "".join(TO_SEE_THE_REST.split()) in shown
        assert "-mpausetui--backendproc--ascii" in shown
        screen.press("gl")
        until(lambda: re.search(r"running .* needs root", screen.display), what="a container that needs root")


def test_the_command_that_is_left_on_the_terminal_opens_the_screen_that_shows_the_rest(lab: labs.Lab) -> None:
    (address,) = lab.pod("web").runtime_addresses
    with screen_as_nobody(*PROC, "--ascii", size=(80, 24)) as screen:
        screen.wait_for(address)
        screen.press("q")
        assert screen.ended() == 0
        left = screen.text.rpartition(TO_SEE_THE_REST)[2].strip()
    with Pty(["/bin/sh", "-c", left], size=(120, 40)) as screen:
        screen.wait_for(address)
        assert "needs root" not in screen.display
        screen.press("q")
        assert screen.ended() == 0


def select_a_member_of_web(screen: Pty) -> None:
    screen.press("/")
    until(lambda: "? help" not in screen.display, what="the line to type a filter in")
    screen.press("web\r")
    screen.wait_for("shows web")
    screen.wait_for("? help")
    for key in ("g", "l", "j", "j"):
        screen.press(key)
    screen.wait_for("of sidecar+web")


@pytest.mark.parametrize("key", ["K", "r", "\x04"], ids=["K", "r", "ctrl+d"])
def test_an_action_says_that_it_needs_root_before_anything_is_asked(lab: labs.Lab, key: str) -> None:
    (address,) = lab.pod("web").runtime_addresses
    with screen_as_nobody(*PROC, "--ascii", size=(120, 40)) as screen:
        screen.wait_for(address)
        select_a_member_of_web(screen)
        screen.press(key)
        screen.wait_for("not possible: needs root")
