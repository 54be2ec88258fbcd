"""What the doctor finds on dockerd, with Podman and in the lab, and that it finds nothing where all is well."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from pausetui.backends.lab import LabBackend
from pausetui.core.namespaces import NamespaceKind
from pausetui.errors import CannotLook
from pausetui.kernel.host import HostRoot
from pausetui.kernel.observer import Observer
from pausetui.lab.scenarios import DEFAULT
from pausetui.live.checkup import APART_SECONDS
from pausetui.live.session import LiveSession
from tests.real import labs
from tests.real.dockers import SLEEP, DockerBed, docker
from tests.real.doctors import Report, repeating, report
from tests.real.nobody import pausetui_as_nobody
from tests.real.podmans import PodmanBed, podman
from tests.real.private_node import environment, hung
from tests.real.spawn import sleeping
from tests.waiting import until

PIN = "/run/docker/netns/0123456789ab"
HELD = "vethlost"


@pytest.fixture(scope="module")
def dockers() -> Iterator[DockerBed]:
    with docker() as bed:
        yield bed


@pytest.fixture
def bed(dockers: DockerBed) -> Iterator[DockerBed]:
    yield dockers
    dockers.clear()


def doctor(bed: DockerBed | PodmanBed, *options: str) -> Report:
    """Run here; the runtime's network is another than ours."""
    name = "docker" if isinstance(bed, DockerBed) else "podman"
    return report(labs.pausetui("--backend", name, "-H", bed.endpoint, *options, "doctor", "-o", "json"))


def run(command: str) -> None:
    """What a person would paste."""
    subprocess.run(["sh", "-c", command], env=environment(), check=True, capture_output=True, timeout=60)


def make_pod(bed: DockerBed, name: str) -> str:
    pause = bed.pause(name)
    bed.member(f"{name}-app", name)
    return pause


# All is well


def test_on_a_healthy_dockerd_nothing_is_found(bed: DockerBed) -> None:
    make_pod(bed, "web")
    bed.plain("alone")
    bed.plain("hosts", "--network", "host")
    told = doctor(bed)
    assert (told.code, told.said["findings"]) == (0, [])
    assert told.said["pods"] >= 3


def test_nothing_is_found_while_containers_come_and_go(bed: DockerBed) -> None:
    make_pod(bed, "web")
    with repeating(lambda: passing_containers(bed)):
        assert doctor(bed).said["findings"] == []


def passing_containers(bed: DockerBed) -> None:
    make_pod(bed, "passing")
    bed("rm", "-f", "passing-app", "passing")


def test_somebodys_own_network_namespace_is_nothing_wrong(bed: DockerBed) -> None:
    make_pod(bed, "web")
    bed.node.run("ip", "netns", "add", "vpn")
    bed.node.run("ip", "link", "add", "to-vpn", "type", "veth", "peer", "name", "eth0", "netns", "vpn")
    told = doctor(bed)
    bed.node.run("ip", "netns", "delete", "vpn")
    assert told.said["findings"] == []


def test_on_a_healthy_podman_nothing_is_found_also_while_pods_come_and_go() -> None:
    with podman() as bed:
        bed.pod("web", "app", "sidecar")
        bed.plain("alone")
        told = doctor(bed)
        assert (told.code, told.said["findings"]) == (0, [])
        with repeating(lambda: passing_pod(bed)):
            assert doctor(bed).said["findings"] == []
        bed.clear()


def test_a_member_that_podman_does_not_start_again_with_its_pause_is_found() -> None:
    with podman() as bed:
        bed.plain("web")
        bed.plain("app", "--network", "container:web", "--pid", "container:web", "--restart", "always")
        bed("kill", "web")
        until(lambda: bed.container_pid("app") == 0, what="app to end with its pause")
        bed("start", "web")
        found = doctor(bed).finding("member-left-down", "app")
        assert found["evidence"][1] == "it ended before that started"
        run(found["command"])
        assert doctor(bed).said["findings"] == []
        bed.clear()


def passing_pod(bed: PodmanBed) -> None:
    bed.pod("passing", "passing-app")
    bed("pod", "rm", "-f", "-t", "0", "passing")


def test_in_the_lab_nothing_is_found_but_the_member_that_keeps_ending() -> None:
    with labs.lab(*DEFAULT, "crashloop") as lab:
        until(lambda: (lab.member("crashloop", "crasher").restarts or 0) >= 3, seconds=60, what="three restarts")
        told = report(labs.pausetui("--backend", "lab", "doctor", "-o", "json"))
        assert [one["id"] for one in told.said["findings"]] == ["crash-loop"]
        assert told.finding("crash-loop", "crasher")["title"] == "lab/crashloop crasher"
        assert told.said["pods"] == len(DEFAULT) + 1


def test_a_running_session_looks_anew_for_its_check_up_and_one_that_does_not_run_refuses() -> None:
    with labs.lab("web"):
        session = LiveSession(LabBackend(HostRoot()), Observer())
        with pytest.raises(CannotLook, match="the session is not running"):
            session.check_up(None)
        session.start(lambda picture: None)
        try:
            began = datetime.now(UTC)
            found = session.check_up(None)
            elsewhere = session.check_up("elsewhere")
        finally:
            session.stop()
    assert (found.backend, found.pods, found.findings) == ("lab", 1, ())
    assert (found.at - began).total_seconds() > APART_SECONDS
    assert elsewhere.pods == 0


# All that can be wrong, at once; the engine's network is not ours


@pytest.fixture(scope="module")
def sick(dockers: DockerBed) -> Iterator[Report]:
    """What the doctor says of orphans, and of what is left over."""
    for name in ("killed", "restarted", "removed"):
        make_pod(dockers, name)
    dockers("kill", "killed", "restarted")
    dockers("start", "restarted")
    dockers("rm", "-f", "removed")
    leave_down(dockers)
    dockers.node.run("sh", "-c", f"touch {PIN} && unshare --net={PIN} ip link set lo up")
    with held_veth(dockers):
        yield doctor(dockers)
    dockers.clear()


def leave_down(bed: DockerBed) -> None:
    """Make a pod whose pause runs anew, while its member down-app, which should always run, ended with it."""
    bed.pause("down")
    bed.member("down-app", "down", "--pid", "container:down", "--restart", "always", command=SLEEP)
    bed("kill", "down")
    until(lambda: bed.inspect("down-app", "{{.State.Error}}"), what="dockerd to give up")
    bed("start", "down")


@contextmanager
def held_veth(bed: DockerBed) -> Iterator[None]:
    """A port of docker0 whose other end is in a namespace that only a descriptor of ours keeps alive."""
    with sleeping(NamespaceKind.NET) as process:
        held = os.open(f"/proc/{process.pid}/ns/net", os.O_RDONLY)
        peer = ("type", "veth", "peer", "name", "eth0", "netns", str(process.pid))
        bed.node.run("ip", "link", "add", HELD, *peer)
        bed.node.run("ip", "link", "set", HELD, "master", "docker0")
    try:
        yield
    finally:
        os.close(held)


def test_a_member_whose_pause_was_killed_is_an_orphan(sick: Report) -> None:
    assert (
        "killed, whose network it joined, has ended" in sick.finding("orphan-member", "killed-app")["evidence"][1]
    )


def test_a_member_that_a_new_pause_left_behind_is_an_orphan(sick: Report) -> None:
    assert sick.finding("orphan-member", "restarted-app")["evidence"][0].endswith("with lo")


def test_a_member_that_ended_with_its_pause_and_should_always_run_is_left_down(sick: Report) -> None:
    found = sick.finding("member-left-down", "down-app")
    assert "Docker tried: cannot join network of a non running container" in found["evidence"][1]


def test_a_member_whose_pause_was_removed_has_to_be_made_anew(sick: Report) -> None:
    found = sick.finding("orphan-member", "removed-app")
    assert "cannot start again" in found["do"]
    assert found["command"] == ""


def test_a_pin_of_docker_that_no_container_has_is_found(sick: Report) -> None:
    command = sick.finding("leaked-netns", PIN)["command"]
    assert re.fullmatch(rf"nsenter -t \d+ -m sh -c 'umount -l {PIN} && rm {PIN}'", command), command


def test_a_veth_of_nobody_in_the_engines_network_is_found_from_here(sick: Report) -> None:
    found = sick.finding("leaked-veth", HELD)
    assert f"(pid {os.getpid()})" in found["evidence"][-1]
    assert found["command"].startswith("nsenter -t ")


def test_the_commands_mend_what_they_are_for(sick: Report, dockers: DockerBed) -> None:
    for found in sick.said["findings"]:
        if found["id"] == "leaked-netns":
            dockers.node.run("sh", "-c", found["command"])
        elif found["command"]:
            run(found["command"])
    told = doctor(dockers).said["findings"]
    assert [one["title"] for one in told] == [sick.finding("orphan-member", "removed-app")["title"]]


# Nobody answers


def test_a_dockerd_that_hangs_ends_it_with_2(bed: DockerBed) -> None:
    with hung(bed.pid):
        told = doctor(bed, "--timeout", "1")
    assert (told.code, told.said) == (2, None)
    assert "no answer from" in told.stderr


# Without rights


def test_an_engine_that_we_may_not_use_ends_it_with_2(bed: DockerBed) -> None:
    told = report(pausetui_as_nobody("--backend", "docker", "-H", bed.endpoint, "doctor", "-o", "json"))
    assert (told.code, told.said) == (2, None)
    assert "Permission denied" in told.stderr


def test_where_nothing_of_any_pod_may_be_read_it_ends_with_2_and_says_what_helps(bed: DockerBed) -> None:
    make_pod(bed, "web")
    told = report(pausetui_as_nobody("--backend", "proc", "doctor", "-o", "json"))
    assert (told.code, told.said) == (2, None)
    assert "looking for pods: Permission denied. run as root" in told.stderr
