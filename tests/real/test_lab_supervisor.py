"""What the lab's supervisor brings back, and what is the same and what is another one afterwards."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from pausetui.backends.lab import LabBackend
from pausetui.core.inventory import ContainerState, PodRecord, PodState, Restorer
from pausetui.kernel.host import HostRoot
from pausetui.kernel.observer import Observer
from tests.real import labs
from tests.real.labs import Lab
from tests.waiting import until

pytestmark = pytest.mark.real


@pytest.fixture
def lab() -> Iterator[Lab]:
    with labs.lab("web") as running:
        yield running


def test_a_killed_member_comes_back_in_the_same_namespaces_with_the_same_address(lab: Lab) -> None:
    before, pause = lab.pod("web"), lab.pause("web")
    web = lab.process("web", "web")
    kept = {kind: labs.namespace_id(web.pid, kind) for kind in ("net", "ipc", "uts")}
    os.kill(web.pid, signal.SIGKILL)
    until(lambda: lab.member("web", "web").attempt == 1)
    again = lab.process("web", "web")
    assert again != web
    assert {kind: labs.namespace_id(again.pid, kind) for kind in kept} == kept
    assert labs.namespace_id(again.pid, "pid") != labs.namespace_id(pause.pid, "pid")
    after = lab.pod("web")
    assert after.runtime_addresses == before.runtime_addresses
    assert lab.pause("web") == pause
    assert after.sandboxes == before.sandboxes
    assert lab.member("web", "sidecar").restarts == 0


def test_a_killed_members_end_is_remembered(lab: Lab) -> None:
    web = lab.process("web", "web")
    os.kill(web.pid, signal.SIGKILL)
    until(lambda: lab.member("web", "web").attempt == 1)
    (past,) = lab.member("web", "web").previous
    assert (past.attempt, past.pid, past.exit_code, past.reason) == (0, web.pid, 137, "Killed")
    assert past.finished_at is not None


def test_a_member_that_is_asked_to_end_ends_well(lab: Lab) -> None:
    os.kill(lab.process("web", "web").pid, signal.SIGTERM)
    until(lambda: lab.member("web", "web").attempt == 1)
    (past,) = lab.member("web", "web").previous
    assert (past.exit_code, past.reason) == (0, "Completed")


def test_when_pause_dies_the_pod_is_made_again_with_new_namespaces_and_a_new_address(lab: Lab) -> None:
    before = lab.pod("web")
    old = {kind: labs.namespace_id(lab.pause("web").pid, kind) for kind in ("net", "ipc", "uts")}
    os.kill(lab.pause("web").pid, signal.SIGKILL)
    after = until(lambda: _remade(lab))
    assert after.attempt == 1
    assert {kind: labs.namespace_id(lab.pause("web").pid, kind) for kind in old}.items().isdisjoint(old.items())
    assert after.runtime_addresses != before.runtime_addresses
    assert tuple(labs.addresses(lab.pause("web").pid)["eth0"]) == after.runtime_addresses
    assert {member.attempt for member in after.members} == {1}
    assert [(sandbox.attempt, sandbox.state) for sandbox in after.sandboxes] == [
        (1, PodState.READY),
        (0, PodState.NOTREADY),
    ]
    assert labs.fetch(lab.pause("web").pid, "localhost", 80) == "web: web\n"


def test_when_pause_has_just_died_its_members_still_run_and_have_the_address(lab: Lab) -> None:
    (address,) = lab.pod("web").runtime_addresses
    sidecar = lab.process("web", "sidecar")
    os.kill(lab.pause("web").pid, signal.SIGKILL)
    pod = until(lambda: lab.pod("web") if lab.pod("web").state is PodState.NOTREADY else None)
    assert pod.pause is not None
    assert (pod.pause.state, pod.pause.exit_code) == (ContainerState.EXITED, 137)
    assert labs.addresses(sidecar.pid)["eth0"] == [address]


def test_with_a_shared_pid_namespace_all_members_die_with_pause() -> None:
    with labs.lab("shared-pid") as lab:
        members = [lab.process("shared-pid", name) for name in ("app", "forker")]
        os.kill(lab.pause("shared-pid").pid, signal.SIGKILL)
        until(lambda: not any(labs.alive(member) for member in members), seconds=1)
        until(lambda: {member.attempt for member in lab.pod("shared-pid").members} == {1})
        (past,) = lab.member("shared-pid", "app").previous
        assert past.reason == "Killed"


def test_init_containers_run_again_in_a_remade_pod() -> None:
    with labs.lab("init") as lab:
        page = labs.fetch(lab.pause("init").pid, "localhost", 80)
        os.kill(lab.pause("init").pid, signal.SIGKILL)
        until(lambda: lab.member("init", "setup").attempt == 1 and lab.member("init", "main").attempt == 1)
        until(lambda: not lab.status().waiting)
        assert labs.fetch(lab.pause("init").pid, "localhost", 80) != page


def test_the_redirect_is_there_again_in_a_remade_pod() -> None:
    with labs.lab("mesh", "web") as lab:
        os.kill(lab.pause("mesh").pid, signal.SIGKILL)
        until(lambda: lab.pod("mesh").attempt == 1 and not lab.status().waiting)
        (address,) = lab.pod("mesh").runtime_addresses
        labs.fetch(lab.pause("web").pid, address, 8080)
        (caller,) = lab.pod("web").runtime_addresses
        assert f"{caller} asked, passed on to localhost:8080" in lab.log("mesh", "proxy")


def test_a_pod_can_be_made_again_many_times(lab: Lab) -> None:
    seen = {lab.pod("web").runtime_addresses}
    for attempt in range(1, 8):
        os.kill(lab.pause("web").pid, signal.SIGKILL)
        until(lambda wanted=attempt: lab.pod("web").attempt == wanted and not lab.status().waiting)  # type: ignore[misc]
        seen.add(lab.pod("web").runtime_addresses)
    assert len(seen) == 8
    assert len(lab.pod("web").sandboxes) == 5
    assert len(lab.pause_record("web").previous) == 7
    links = labs.in_netns(lab.init(), "ip", "-o", "link").count("veth")
    until(lambda: labs.in_netns(lab.init(), "ip", "-o", "link").count("veth") == 1, what=f"1 veth, not {links}")


def test_the_lab_keeps_no_descriptor_of_a_pods_namespaces(lab: Lab) -> None:
    os.kill(lab.pause("web").pid, signal.SIGKILL)
    until(lambda: lab.pod("web").attempt == 1 and not lab.status().waiting)
    open_files = [os.readlink(f"/proc/{lab.init()}/fd/{fd}") for fd in os.listdir(f"/proc/{lab.init()}/fd")]
    assert [file for file in open_files if file.startswith("net:")] == [labs.namespace(lab.init(), "net")]


def test_the_labs_descriptors_do_not_grow_in_number(lab: Lab) -> None:
    def descriptors() -> int:
        return len(os.listdir(f"/proc/{lab.init()}/fd")) + len(os.listdir(f"/proc/{lab.pid}/fd"))

    before = descriptors()
    for attempt in range(1, 4):
        os.kill(lab.pause("web").pid, signal.SIGKILL)
        until(lambda wanted=attempt: lab.pod("web").attempt == wanted and not lab.status().waiting)  # type: ignore[misc]
    until(lambda: descriptors() <= before)


def test_members_inherit_nothing_but_their_log(lab: Lab) -> None:
    pid = lab.process("web", "sidecar").pid
    until(lambda: len(os.listdir(f"/proc/{pid}/fd")) == 3)
    assert {os.readlink(f"/proc/{pid}/fd/{fd}") for fd in range(3)} == {"/dev/null", "/mnt/logs/web.sidecar.log"}


def test_the_supervisor_reaps_what_was_put_into_its_pods_from_outside(lab: Lab) -> None:
    pause = lab.pause("web").pid
    labs.inside(lab.init(), "p", "sh", "-c", "(sleep 0.1 &) ; exit 0")
    until(lambda: all(labs.stat_fields(child)[0] != "Z" for child in labs.children(lab.init())))
    assert lab.pause("web").pid == pause


def test_the_backend_says_what_the_lab_says(lab: Lab) -> None:
    with closing(Observer()) as observer:
        observation = observer.observe()
    inventory = LabBackend(HostRoot()).inventory(observation)
    assert (inventory.backend, inventory.runtime.name, inventory.stale) == ("lab", "lab", False)
    assert inventory.pods == lab.status().pods
    (pod,) = inventory.pods
    assert (pod.key, pod.namespace, pod.name, pod.brought_back_by) == ("lab-web", "lab", "web", Restorer.LAB)
    for container in (pod.pause, *pod.members):
        assert observation.process(labs.running(container)) is not None


def test_the_backend_hints_when_something_changes(lab: Lab) -> None:
    stop, hinted = threading.Event(), threading.Event()

    def listen() -> None:
        hints = LabBackend(HostRoot()).hints(stop)
        next(hints)  # that there is a lab
        os.kill(lab.process("web", "sidecar").pid, signal.SIGKILL)
        for _ in hints:
            hinted.set()

    listener = threading.Thread(target=listen)
    listener.start()
    assert hinted.wait(5)
    stop.set()
    listener.join(2)
    assert not listener.is_alive()


def test_the_backend_does_not_hint_while_nothing_changes(lab: Lab) -> None:
    stop = threading.Event()
    hinted: list[None] = []
    listener = threading.Thread(target=lambda: hinted.extend(LabBackend(HostRoot()).hints(stop)))
    listener.start()
    asked = lab.log("web", "sidecar").count("answered")
    until(lambda: lab.log("web", "sidecar").count("answered") > asked, seconds=15)
    stop.set()
    listener.join(2)
    assert len(hinted) == 1, "that there is a lab, and nothing more"


def _remade(lab: Lab) -> PodRecord | None:
    pod = lab.pod("web")
    ready = pod.state is PodState.READY and pod.attempt == 1 and not lab.status().waiting
    return pod if ready else None
