"""What goes wrong with crictl and its runtime is said in a running session, and passes when it passes."""

from __future__ import annotations

import os
import shutil
import signal
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest
from cri_api import CreateContainerRequest, RunPodSandboxRequest, RuntimeServiceStub, StartContainerRequest

from pausetui.backends.crictl import finding, inspecting
from pausetui.backends.crictl.backend import CrictlBackend
from pausetui.backends.crictl.finding import CrictlOptions
from pausetui.core.actions import ActionKind
from pausetui.core.changes import ChangeKind
from pausetui.core.hidden import NO_PERMISSION
from pausetui.core.inventory import ContainerState, PodState
from pausetui.core.observation import Problem
from pausetui.kernel.host import HostRoot
from tests.crictl_standin.fake_runtime import served
from tests.real.containerd import Bed, containerd
from tests.real.cri_crowd import MEMBERS, Crowd
from tests.real.cri_specs import Member, PodSpec, container_config, pod, sandbox_config
from tests.real.cri_watch import Watched, is_up, member, running, watching, wrapped
from tests.real.labs import ROOT
from tests.real.nobody import NOBODY, pausetui_as_nobody
from tests.waiting import until

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def node() -> Iterator[Bed]:
    with containerd() as bed:
        yield bed


@pytest.fixture
def bed(node: Bed) -> Iterator[Bed]:
    """A node without pods."""
    yield node
    node.node.remove_all()


@pytest.fixture
def web(bed: Bed) -> PodSpec:
    return bed.node.run(pod("web", Member("nginx"), Member("sidecar"))).spec


@contextmanager
def broken(watched: Watched, words: str) -> Iterator[Problem]:
    """While the block lasts the runtime can't be asked, for this reason; the pods that were known stay."""
    before = watched.pods_known()
    problem = watched.problem(words)
    assert watched.snapshot.stale
    assert watched.pods_known() == before
    yield problem
    watched.is_live()
    assert not any(words in one.why for one in watched.problems)
    told = [event.change.text for event in watched.events if event.change.kind is ChangeKind.BACKEND_STATE]
    assert told[-2:] == ["containerd does not answer; what it said before is kept", "containerd answers"]


@pytest.mark.skipif(shutil.which("crictl") is not None, reason="the machine has another crictl, which is found")
def test_a_crictl_that_is_taken_away_is_missed_and_found_again(bed: Bed, web: PodSpec, tmp_path: Path) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    crictl, away = folder / "crictl", folder / "away"
    shutil.copy2(bed.bin / "crictl", crictl)
    with watching(bed, tmp_path, {**bed.environment(), "PATH": str(folder)}) as watched:
        watched.pod("web", is_up)
        crictl.rename(away)
        with broken(watched, "there is none in PATH") as problem:
            assert "Install it" in problem.next
            away.rename(crictl)


def test_where_no_endpoint_is_configured_the_first_usual_socket_that_comes_is_taken(
    bed: Bed, web: PodSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = tmp_path / "containerd.sock"
    monkeypatch.setattr(finding, "SOCKETS", (str(usual),))
    environment = bed.environment()
    del environment["CONTAINER_RUNTIME_ENDPOINT"]
    with watching(bed, tmp_path, environment) as watched:
        problem = watched.problem("none of the usual sockets is there")
        assert "--runtime-endpoint unix:///PATH" in problem.next
        usual.symlink_to(bed.socket)
        watched.pod("web", is_up)
        assert watched.is_live().runtime.found_by == "the first usual socket there is"
        assert not [one for one in watched.problems if one.subject.startswith("backend")]


@pytest.fixture
def link(bed: Bed, tmp_path: Path) -> Path:
    """A name of the runtime's socket that can be taken away."""
    name = tmp_path / "cri.sock"
    name.symlink_to(bed.socket)
    return name


def asking(bed: Bed, link: Path) -> dict[str, str]:
    return {**bed.environment(), "CONTAINER_RUNTIME_ENDPOINT": f"unix://{link}"}


def test_a_socket_that_goes_is_missed_and_the_last_picture_stays(
    bed: Bed, web: PodSpec, link: Path, tmp_path: Path
) -> None:
    with watching(bed, tmp_path, asking(bed, link)) as watched:
        watched.pod("web", is_up)
        link.unlink()
        with broken(watched, f"there is no socket unix://{link}"):
            link.symlink_to(bed.socket)


def test_a_socket_that_is_not_there_yet_is_told_with_what_to_do(
    bed: Bed, web: PodSpec, link: Path, tmp_path: Path
) -> None:
    link.unlink()
    with watching(bed, tmp_path, asking(bed, link)) as watched:
        problem = watched.problem(f"there is no socket unix://{link}")
        assert problem.next == ("Start the runtime, or name the runtime's socket: --runtime-endpoint unix:///PATH.")
        assert watched.snapshot.inventory_at is None
        link.symlink_to(bed.socket)
        watched.pod("web", is_up)


def test_a_runtime_that_we_may_not_ask_is_told_and_asked_when_we_may(
    bed: Bed, web: PodSpec, tmp_path: Path
) -> None:
    """Root without its capabilities is anybody: the socket is somebody else's."""
    flag = tmp_path / "powerless"
    script = f'[ -e {flag} ] && exec setpriv --bounding-set -all --inh-caps -all $crictl "$@"; exec $crictl "$@"'
    with watching(bed, tmp_path, wrapped(bed, tmp_path / "bin", script)) as watched:
        watched.pod("web", is_up)
        os.chown(bed.socket, NOBODY.pw_uid, NOBODY.pw_gid)
        flag.touch()
        try:
            with broken(watched, f"{NO_PERMISSION}: we may not use {bed.endpoint}") as problem:
                assert problem.next == "Run as root: sudo pausetui."
                flag.unlink()
        finally:
            os.chown(bed.socket, 0, 0)


def test_nobody_is_told_to_run_as_root() -> None:
    """In the words of crictl 1.36: ours needs a Python that nobody may not have."""
    socket = "/run/containerd/containerd.sock"
    said = f'rpc error: code = Unavailable desc = "transport: Error while dialing: dial unix {socket}: connect: '
    with tempfile.TemporaryDirectory(prefix="crictl-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        crictl = folder / "crictl"
        crictl.write_text(f"#!/bin/sh\n[ $(id -u) = 0 ] || echo '{said}permission denied\"' >&2\nexit 1\n")
        crictl.chmod(0o755)
        libraries = f"PYTHONPATH={ROOT}:{sysconfig.get_path('purelib')}"
        done = pausetui_as_nobody(
            *("snapshot", "--backend", "crictl", "--runtime-endpoint", f"unix://{socket}"),
            before=("env", f"PATH={folder}:{os.environ['PATH']}", libraries),
        )
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{NO_PERMISSION}: we may not use unix://{socket}. Run as root: sudo pausetui." in done.stderr


def test_while_the_runtime_hangs_what_the_kernel_says_is_live(bed: Bed, web: PodSpec, tmp_path: Path) -> None:
    with watching(bed, tmp_path) as watched:
        before = watched.pod("web", is_up)
        process = member(before, "nginx").process
        assert process is not None
        with bed.hung():
            watched.problem("the runtime at", seconds=30)
            hung = watched.snapshot
            os.kill(process.pid, signal.SIGKILL)
            ended = watched.pod("web", lambda one: running(one) == {"sidecar"})
            assert (member(ended, "nginx").reason, member(ended, "nginx").exit_code) == ("ended", None)
            assert watched.snapshot.stale
            assert watched.snapshot.inventory_at == hung.inventory_at
            assert watched.snapshot.observed_at > hung.observed_at
            assert "default/web nginx ended" in watched.timeline()
            assert ended.addresses == before.addresses
        # Nobody asks for it: the timer does.
        until(lambda: not watched.snapshot.stale, 20, "a live picture")
        assert watched.pod("web", lambda one: member(one, "nginx").exit_code == 137).state is PodState.READY


@pytest.mark.parametrize("command", ["ps", "inspect"])
def test_a_runtime_that_is_killed_mid_look_and_started_again_has_the_same_pods(
    bed: Bed, web: PodSpec, tmp_path: Path, command: str
) -> None:
    flag = tmp_path / "kill"
    script = (
        f'case "$*" in *" {command} "*) [ -e {flag} ] && rm {flag} && kill -9 {bed.containerd_pid};; esac; '
        'exec $crictl "$@"'
    )
    with watching(bed, tmp_path, wrapped(bed, tmp_path / "bin", script)) as watched:
        before = watched.pod("web", is_up)
        late = bed.node.run_sandbox(pod("late"))
        bed.node.create_member(late, Member("a"))
        flag.touch()
        with broken(watched, "nobody listens at"):
            bed.start_containerd()
        after = watched.pod("web", is_up)
        assert (after.pause, after.members, after.addresses) == (before.pause, before.members, before.addresses)
        assert watched.pod("late").members[0].state is ContainerState.CREATED


def test_a_containerd_without_its_cri_is_told_and_what_to_do(bed: Bed, web: PodSpec, tmp_path: Path) -> None:
    with watching(bed, tmp_path) as watched:
        before = watched.pod("web", is_up)
        bed.stop_containerd()
        bed.start_containerd(cri=False)
        try:
            with broken(watched, "does not serve the CRI") as problem:
                assert 'Take "cri" out of disabled_plugins' in problem.next
                bed.stop_containerd()
                bed.start_containerd()
        finally:
            if not bed.node.answers():
                bed.stop_containerd()
                bed.start_containerd()
        assert watched.pod("web", is_up).members == before.members


def test_a_sandbox_whose_status_fails_alone_is_a_problem_of_its_pod_until_it_passes(
    bed: Bed, web: PodSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspecting, "RETRY", 1.0)
    stuck = bed.node.run(pod("stuck", Member("a")))
    with watching(bed, tmp_path) as one:
        pin = next(pin.path for pin in one.pod("stuck", is_up).pins if pin.kind == "net")
    # What is mounted over the pin is no namespace, so containerd wants to remove it, and can't.
    assert bed.inside("mount", "--bind", "/etc/passwd", pin).returncode == 0
    try:
        with watching(bed, tmp_path) as watched:
            problem = watched.problem("device or resource busy")
            assert problem.subject == stuck.spec.uid
            assert problem.what == f"the status of sandbox {stuck.sandbox[:12]}"
            assert not watched.snapshot.stale
            assert watched.pod("web", is_up).addresses
            beside = watched.pod("stuck")
            assert (beside.state, running(beside)) == (PodState.READY, {"a"})
            assert bed.inside("umount", pin).returncode == 0
            watched.pod("stuck", is_up, seconds=60)
            watched.is_well(60)
    finally:
        bed.inside("umount", pin)


def test_a_sandbox_whose_shim_hangs_is_a_problem_of_its_pod_until_it_passes(
    bed: Bed, web: PodSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inspecting, "RETRY", 1.0)
    stuck = bed.node.run(pod("stuck", Member("a")))
    shim = bed.shim(stuck.sandbox)
    impatient = CrictlBackend(HostRoot(), CrictlOptions(timeout=0.5), bed.environment())
    with bed.hung(shim), watching(bed, tmp_path, backend=impatient) as watched:
        problem = watched.problem("a container's shim hangs")
        assert problem.subject == stuck.spec.uid
        assert watched.pod("web", is_up).addresses
        assert not watched.snapshot.stale
        os.kill(shim, signal.SIGCONT)
        watched.pod("stuck", is_up, seconds=60)
        watched.is_well(60)


@pytest.mark.parametrize("version", ["1.36.0", "1.30.0"])
def test_a_container_that_goes_between_list_and_details_takes_no_other_along(
    bed: Bed, web: PodSpec, tmp_path: Path, version: str
) -> None:
    going = bed.node.run_sandbox(pod("going"))
    gone, stays = (bed.node.create_member(going, Member(name)) for name in ("gone", "stays"))
    script = (
        f"export CRICTL_STANDIN_VERSION={version}\n"
        f'case "$*" in *" inspect "*{gone}*) $crictl -r {bed.endpoint} rm -f {gone} >/dev/null 2>&1;; esac\n'
        'exec $crictl "$@"'
    )
    with watching(bed, tmp_path, wrapped(bed, tmp_path / "bin", script)) as watched:
        watched.pod("web", is_up)
        shown = watched.pod("going", lambda one: bool(one.members))
        assert [one.runtime_id for one in shown.members] == [stays]
        assert not watched.problems


def test_an_answer_that_is_cut_short_is_told_and_the_next_one_is_good(
    bed: Bed, web: PodSpec, tmp_path: Path
) -> None:
    flag = tmp_path / "cut"
    script = (
        f'case "$*" in *" pods "*) [ -e {flag} ] && $crictl "$@" | head -c 300 && exit 0;; esac; exec $crictl "$@"'
    )
    with watching(bed, tmp_path, wrapped(bed, tmp_path / "bin", script)) as watched:
        watched.pod("web", is_up)
        flag.touch()
        with broken(watched, "it is not JSON, or cut short") as problem:
            assert problem.what == "reading crictl pods -o json"
            flag.unlink()


def test_a_sandbox_that_is_made_between_two_lists_is_there_with_its_members(
    bed: Bed, web: PodSpec, tmp_path: Path
) -> None:
    """The first list doesn't have it, the second has its members."""
    flag = tmp_path / "early"
    flag.touch()
    script = (
        f'case "$*" in *" pods "*) [ -e {flag} ] && rm {flag} && echo \'{{"items": []}}\' && exit 0;; esac; '
        'exec $crictl "$@"'
    )
    with watching(bed, tmp_path, wrapped(bed, tmp_path / "bin", script)) as watched:
        watched.pod("web")
        first = next(one.snapshot for one in watched.pictures if one.snapshot.pods)
    assert [(one.name, len(one.sandboxes), running(one)) for one in first.pods] == [
        ("web", 1, {"nginx", "sidecar"})
    ]


def test_a_crictl_of_1_24_tells_enough(bed: Bed, web: PodSpec, tmp_path: Path) -> None:
    script = 'CRICTL_STANDIN_VERSION=1.24.2 exec $crictl "$@"'
    with watching(bed, tmp_path, wrapped(bed, tmp_path / "bin", script)) as watched:
        before = watched.pod("web", is_up)
        assert before.runtime_addresses == before.addresses
        assert [one.image for one in before.members] == ["docker.io/library/busybox:1.35"] * 2
        assert not watched.problems
        action = watched.session.submit(watched.offer(ActionKind.RESTART_MEMBER, member(before, "nginx").key))
        assert watched.outcome(action).done
        watched.pod("web", lambda one: member(one, "nginx").exit_code is not None)


def test_names_that_containerd_takes_do_no_harm(bed: Bed, web: PodSpec, tmp_path: Path) -> None:
    evil = "\x1b]0;owned\x07\x1b[2J\n[bold]\u202e"
    spec = pod("evil", host_network=True)
    config = sandbox_config(spec, 0)
    config.metadata.name, config.metadata.namespace, config.metadata.uid = evil + "n" * 3000, evil, evil
    config.labels[evil] = evil * 100
    config.annotations[evil] = "a" * 10_240
    config.log_directory = ""
    with bed.cgroups.open("a") as listed:
        listed.write(f"{spec.cgroup}\n")
    made = container_config(spec, Member("a"), 0, 0)
    made.metadata.name = evil
    made.annotations["io.kubernetes.container.restartCount"] = "9" * 5000
    made.log_path = ""
    with grpc.insecure_channel(f"unix:{bed.socket}") as channel:
        cri = RuntimeServiceStub(channel)  # type: ignore[no-untyped-call]
        sandbox = cri.RunPodSandbox(RunPodSandboxRequest(config=config)).pod_sandbox_id
        wanted = CreateContainerRequest(pod_sandbox_id=sandbox, config=made, sandbox_config=config)
        cri.StartContainer(StartContainerRequest(container_id=cri.CreateContainer(wanted).container_id))
    with watching(bed, tmp_path) as watched:
        watched.pod("web", is_up)
        shown = next(one for one in watched.snapshot.pods if one.name != "web")
        assert not watched.problems
        (container,) = shown.members
        assert container.process is not None
        for text in (shown.name, shown.namespace, shown.key, container.name, container.key):
            assert "owned" in text
            assert text.isprintable()
        assert len(shown.name) < 3000
        action = watched.session.submit(watched.offer(ActionKind.STOP_SANDBOX, shown.key))
        assert watched.outcome(action).done


def test_250_pods_are_shown_and_asked_about_with_two_calls(bed: Bed, tmp_path: Path) -> None:
    crowd = Crowd(250)
    socket = tmp_path / "crowd.sock"
    environment = {**bed.environment(), "CONTAINER_RUNTIME_ENDPOINT": f"unix://{socket}"}
    with served(crowd, socket), watching(bed, tmp_path, environment) as watched:
        until(lambda: len(watched.snapshot.pods) == 250, 30, "250 pods")
        assert sum(len(one.members) for one in watched.snapshot.pods) == 250 * len(MEMBERS)
        assert all(one.runtime_addresses for one in watched.snapshot.pods)
        crowd.end(77, "b")
        watched.session.look_now()
        watched.pod("p077", lambda one: member(one, "b").exit_code == 3)
        before = len(bed.calls())
        watched.asked_again()
        assert [call.argv[2] for call in bed.calls()[before:]][:2] == ["pods", "ps"]
        assert not watched.snapshot.stale
