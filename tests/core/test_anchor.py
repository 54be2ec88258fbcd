"""What is told of pods of an engine, where nobody makes attempts and each container is started again for itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

import pytest

from pausetui.core.actions import Abilities, ActionKind
from pausetui.core.inventory import ContainerState, Restorer, Runtime
from pausetui.core.namespaces import NamespaceKind
from pausetui.core.prose import Entry
from pausetui.core.sharing import held_kinds
from pausetui.core.snapshot import Pod, PodPin
from pausetui.core.tabs import container_overview, explain, overview, shell
from tests.factories import ns, pod, snapshot

EVERYTHING = Abilities(frozenset(), frozenset(ActionKind))


def said(entries: tuple[Entry, ...]) -> str:
    return "\n".join(f"{entry.label} {entry.text}".strip() for entry in entries)


def told_of(one: Pod) -> str:
    return said(overview.pod_overview(snapshot(one), one, UTC))


def test_how_to_start_an_engines_container_is_told_while_it_does_not_run() -> None:
    one = pod("web")
    assert one.pause is not None
    pause = replace(one.pause, runtime_id=one.sandboxes[0].id)
    ended = replace(one, pause=replace(pause, state=ContainerState.EXITED, process=None))
    docker = Runtime("docker", command=("docker",))
    asked = replace(snapshot(ended), backend="docker", runtime=docker, abilities=EVERYTHING)
    start = f"what a does, without the checks\ndocker start {one.sandboxes[0].id[:13]}"
    assert start in said(shell.entries(asked, ended, None))
    assert "what a does" not in said(shell.entries(replace(asked, pods=(one,)), one, None))


def test_a_pod_of_an_engine_has_no_attempts_and_nobody_makes_it_again() -> None:
    one = replace(pod("web"), backend="docker", attempt=None, brought_back_by=Restorer.NOBODY)
    assert one.pause is not None
    member = replace(one.members[0], attempt=None, restarts=2, restart_policy="always")
    sandbox = replace(one.sandboxes[0], attempt=None)
    one = replace(one, members=(member, *one.members[1:]), sandboxes=(sandbox,))
    text = told_of(one)
    assert "attempt" not in text
    assert (
        "If pause ends, the network goes with it and its members run on with nothing but lo; nobody starts it"
        in text
    )
    told = said(container_overview.container_overview(snapshot(one), one, member, UTC))
    assert "restarts by its policy (always): 2" in told
    assert "attempt" not in said(explain.entries(snapshot(one), one, UTC)).partition("P17")[2]


@pytest.mark.parametrize(
    ("changed", "means"),
    [
        ({"host_network": True}, "its members run on in the host's network"),
        ({"brought_back_by": Restorer.KUBELET}, "the pod's sandbox is gone; the kubelet makes it again"),
        (
            {"brought_back_by": Restorer.RESTART_POLICY},
            "nothing but lo; its restart policy (always) starts it again",
        ),
        ({"brought_back_by": None}, "not known who makes it again"),
    ],
)
def test_what_the_end_of_a_pause_means_to_a_pod_of_an_engine(changed: dict[str, object], means: str) -> None:
    one = replace(pod("web"), backend="docker", brought_back_by=Restorer.NOBODY)
    assert one.pause is not None
    one = replace(one, pause=replace(one.pause, restart_policy="always"), **changed)  # type: ignore[arg-type]
    assert means in told_of(one)


def test_what_only_pause_has_of_its_own_it_holds_for_nobody() -> None:
    one = pod("web")
    assert one.pause is not None
    own = replace(one.pause, namespaces=replace(one.pause.namespaces, uts=ns(NamespaceKind.UTS, 99)))
    apart = replace(one, pause=own)
    assert [str(kind) for kind in held_kinds(apart, snapshot(apart).host)] == ["net", "ipc"]


def test_of_the_members_of_an_engines_pod_it_is_told_which_end_with_the_pause_and_which_run_on() -> None:
    one = replace(pod("web"), backend="docker", brought_back_by=Restorer.NOBODY)
    assert one.pause is not None
    nginx, sidecar = one.members
    inside = replace(nginx, namespaces=replace(nginx.namespaces, pid=one.pause.namespaces.pid))
    told = told_of(replace(one, members=(inside, sidecar)))
    assert "the kernel ends nginx with it; what is left (sidecar) runs on with nothing but lo" in told


def test_a_network_that_only_the_engines_own_pin_holds_ends_with_the_pause() -> None:
    one = replace(pod("web", members=()), backend="docker", brought_back_by=Restorer.NOBODY)
    pinned = replace(one, pins=(PodPin(NamespaceKind.NET, "/run/docker/netns/8a28f2929bb1"),))
    assert "If pause ended now: net, ipc, uts would end with it." in told_of(pinned)
    mine = replace(one, pins=(PodPin(NamespaceKind.NET, "/tmp/mine"),))
    assert "net would outlive pause" in told_of(mine)


def test_of_a_pause_that_has_ended_it_is_not_told_what_would_be_if_it_did() -> None:
    one = replace(pod("web"), backend="docker", brought_back_by=Restorer.NOBODY)
    assert one.pause is not None
    assert "If pause ends" in told_of(one)
    ended = told_of(replace(one, pause=replace(one.pause, state=ContainerState.EXITED, process=None)))
    assert "If pause ends" not in ended
    assert "pause has ended; nobody starts it again." in ended
