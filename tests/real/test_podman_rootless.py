"""A Podman of somebody who is not root: what root sees of its pods, and what its user sees and does."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pausetui.core.actions import ActionKind
from pausetui.core.entering import Way, into_network
from pausetui.core.inventory import ContainerState, PodState, Role
from pausetui.core.namespaces import NamespaceKind
from pausetui.core.snapshot import Pod
from tests.real.engines import Looking, member
from tests.real.rootless_podman import NAME, UID, RootlessPodmanBed, rootless_podman
from tests.waiting import until

pytestmark = [
    pytest.mark.real,
    # The SDK leaves the socket of a connection that failed to the garbage collector.
    pytest.mark.filterwarnings("ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning"),
]
HELPERS = "10.0.2.100"
"""What slirp4netns gives to each network, slirp4netns(1)."""


@pytest.fixture(scope="module")
def alice() -> Iterator[RootlessPodmanBed]:
    with rootless_podman() as bed:
        yield bed


@pytest.fixture
def bed(alice: RootlessPodmanBed) -> Iterator[RootlessPodmanBed]:
    """One pod, web, with the members app and db."""
    alice.pod("web", "app", "db")
    yield alice
    alice.clear()


def web_as_seen_by_alice(bed: RootlessPodmanBed, *options: str) -> Any:
    done = bed.pausetui(*options, "snapshot", "-o", "json")
    assert done.returncode == 0, done.stderr
    snapshot = json.loads(done.stdout)
    return snapshot, next(pod for pod in snapshot["pods"] if pod["name"] == "web")


def own_cgroups(pod: Pod) -> list[bool]:
    """Whether each container has a cgroup of its own."""
    paths = [Path(f"/proc/{one.process.pid}/cgroup") for one in pod.containers() if one.process is not None]
    ids = [one.runtime_id or "" for one in pod.containers()]
    return [id_ in path.read_text() for id_, path in zip(ids, paths, strict=True)]


def test_root_sees_anybodys_pod_with_its_namespaces_and_its_address(bed: RootlessPodmanBed, looks: Looking) -> None:
    snapshot = looks.snapshot()
    (pod,) = snapshot.pods
    assert [(one.name, one.role) for one in pod.containers()] == [
        ("pause", Role.PAUSE),
        ("app", Role.MEMBER),
        ("db", Role.MEMBER),
    ]
    pause = member(pod, "pause").namespaces
    for one in pod.members:
        for kind in (NamespaceKind.NET, NamespaceKind.IPC, NamespaceKind.UTS, NamespaceKind.USER):
            assert one.namespaces.get(kind) == pause.get(kind) != snapshot.host.get(kind)
    assert HELPERS in (pod.addresses or ())
    assert pod.runtime_addresses == (), "Podman does not know what its helper gives"
    assert [pin.kind for pin in pod.pins] == [NamespaceKind.NET]


def test_its_pids_are_those_of_the_machine(bed: RootlessPodmanBed, looks: Looking) -> None:
    for name in ("app", "db"):
        process = member(looks.pod("web"), name).process
        assert process is not None
        assert process.pid == bed.container_pid(name)
        assert os.stat(f"/proc/{process.pid}").st_uid == UID


def test_what_it_uses_is_told_only_of_a_cgroup_of_its_own(bed: RootlessPodmanBed, looks: Looking) -> None:
    """On cgroup v1 nobody but root may make any: then the containers are in that of whoever started Podman."""
    pod = looks.pod("web")
    assert [one.usage is not None for one in pod.containers()] == own_cgroups(pod)
    assert all(looks.snapshot().vitals_of(one) is not None for one in pod.containers()), "the kernel knows"


def test_root_is_told_whose_podman_there_is_and_how_to_ask_it(bed: RootlessPodmanBed) -> None:
    done = as_root(bed, "backends")
    (line,) = [line for line in done.splitlines() if line.split()[0] == "podman"]
    assert f"{NAME} has one: --backend podman -H unix:///run/user/{UID}/podman/podman.sock" in line
    found = json.loads(as_root(bed, "snapshot", "-o", "json"))
    assert found["backend"] == "proc"
    assert f"also podman of {NAME}" in found["remarks"]


def test_whoever_became_root_by_sudo_sees_the_own_pods(bed: RootlessPodmanBed) -> None:
    found = json.loads(as_root(bed, "snapshot", "-o", "json", SUDO_UID=str(UID)))
    assert (found["backend"], [pod["name"] for pod in found["pods"]]) == ("podman", ["web"])
    assert found["runtime"]["found_by"] == "the rootless Podman of the user who called sudo"


def as_root(bed: RootlessPodmanBed, *arguments: str, **variables: str) -> str:
    """Run pausetui on the node as root; what it prints."""
    done = bed.node.pausetui(*arguments, **variables)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_its_user_needs_no_option_and_no_rights_to_see_it(bed: RootlessPodmanBed) -> None:
    snapshot, web = web_as_seen_by_alice(bed)
    assert (snapshot["backend"], snapshot["runtime"]["found_by"]) == (
        "podman",
        "the usual socket of a rootless Podman",
    )
    assert [one["name"] for one in web["members"]] == ["app", "db"]
    assert [one["pid"] for one in web["members"]] == [bed.container_pid(name) for name in ("app", "db")]
    assert {one["namespaces"]["net"]["id"] for one in web["members"]} == {web["pause"]["namespaces"]["net"]["id"]}
    assert HELPERS in web["addresses"]
    assert web["network"]["links"][-1]["name"] == "tap0"


def test_what_its_user_may_not_read_of_others_is_said(bed: RootlessPodmanBed) -> None:
    snapshot, web = web_as_seen_by_alice(bed)
    assert not any(one["cannot_read"] for one in (web["pause"], *web["members"]))
    assert ("kernel", "Permission denied", "run as root") in [
        (one["subject"], one["why"], one["next"]) for one in snapshot["problems"]
    ]


def test_its_user_is_told_in_backends_that_it_is_used(bed: RootlessPodmanBed) -> None:
    lines = bed.pausetui("backends").stdout.splitlines()
    assert [line.split(maxsplit=2)[1:] for line in lines if line.startswith("*")] == [
        ["podman", "1 pod; used: the first that has pods"]
    ]


ALICE = """
import json, os, sys
from contextlib import closing
from pausetui.backends.docker.backend import PodmanBackend
from pausetui.core.actions import ActionKind
from pausetui.core.entering import Way, into_network
from pausetui.kernel.host import HostRoot
from pausetui.kernel.observer import Observer
from tests.real.engines import Looking, member
from tests.waiting import until

def running(pod):
    return [one.name for one in pod.containers() if one.process is not None]

with closing(PodmanBackend(HostRoot())) as backend, closing(Observer(HostRoot())) as observer:
    looks = Looking(backend, observer)
    before = member(looks.pod("web"), "app").process
    looks.do(ActionKind.RESTART_MEMBER, "web", "app")
    until(lambda: member(looks.pod("web"), "app").process not in (None, before), what="app to run anew")
    effects = looks.do(ActionKind.DELETE_PAUSE, "web").effects
    until(lambda: running(looks.pod("web")) == ["app", "db"], what="pause alone to end")
    looks.do(ActionKind.START_SANDBOX, "web")
    until(lambda: looks.orphans("web") == ["app", "db"], what="both to be left behind")
    looks.do(ActionKind.REJOIN, "web")
    until(lambda: running(looks.pod("web")) == ["pause", "app", "db"] and not looks.orphans("web"))
    pod = looks.pod("web")
    print(json.dumps([os.geteuid(), effects, pod.addresses, [one.namespaces.net.id for one in pod.containers()]]))
"""


def test_its_user_restarts_a_member_and_heals_what_a_killed_pause_left_behind(bed: RootlessPodmanBed) -> None:
    done = bed.python("-c", ALICE)
    assert done.returncode == 0, done.stderr
    uid, effects, addresses, nets = json.loads(done.stdout)
    assert uid == UID
    assert any("run on, orphaned: the network goes, and only lo is left" in effect for effect in effects)
    assert any("not of Podman's giving but of a helper's" in effect for effect in effects)
    assert HELPERS in addresses
    assert len(set(nets)) == 1


def test_what_a_killed_pause_means_comes_about_as_it_was_said(bed: RootlessPodmanBed, looks: Looking) -> None:
    before = looks.pod("web")
    looks.do(ActionKind.DELETE_PAUSE, "web")
    until(lambda: looks.orphans("web") == ["app", "db"], what="the members to be flagged")
    after = looks.pod("web")
    assert (after.state, after.addresses) == (PodState.NOTREADY, ())
    assert member(after, "pause").state is ContainerState.EXITED
    assert member(after, "app").stranded_with == ("lo",)
    assert member(after, "app").process == member(before, "app").process


def test_its_user_gets_a_shell_in_the_pods_network(bed: RootlessPodmanBed, looks: Looking) -> None:
    snapshot = looks.snapshot()
    way = into_network(snapshot, snapshot.pods[0], "true", is_root=False)
    assert isinstance(way, Way)
    done = bed.run(*way.argv[:-1], "ip", "-o", "addr")
    assert HELPERS in done.stdout, done.stderr


def test_that_each_pod_has_the_same_address_is_nothing_wrong(bed: RootlessPodmanBed) -> None:
    bed.plain("alone")
    done = bed.pausetui("doctor", "-o", "json")
    assert json.loads(done.stdout)["findings"] == []
    assert done.returncode == 0


def test_looking_at_it_changes_nothing(bed: RootlessPodmanBed) -> None:
    def state() -> list[object]:
        pids = [bed.container_pid(name) for name in ("app", "db")]
        told = bed("inspect", "-f", "{{json .State}}", "app", "db")
        sharing = [pid for pid in os.listdir("/proc") if pid.isdigit() and _net(int(pid)) == _net(pids[0])]
        return [pids, told, sorted(sharing)]

    before = state()
    web_as_seen_by_alice(bed)
    as_root(bed, "snapshot", "-o", "json", SUDO_UID=str(UID))
    assert state() == before


def _net(pid: int) -> str:
    try:
        return os.readlink(f"/proc/{pid}/ns/net")
    except OSError:
        return ""
