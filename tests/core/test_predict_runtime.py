"""What a confirmation says where a runtime is asked to do it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pausetui.core.actions import SIGNALS, Abilities, ActionKind, NotPossible, Offer
from pausetui.core.inventory import ContainerState, PodState, Restorer, Runtime, Sandbox
from pausetui.core.predict.offers import offer
from pausetui.core.snapshot import Pod, Snapshot
from pausetui.core.tabs import shell
from tests import factories
from tests.factories import NOW

BY_RUNTIME = frozenset({ActionKind.RESTART_MEMBER, ActionKind.STOP_SANDBOX, ActionKind.REMOVE_SANDBOX})
SANDBOX = "abcdef0123456789" * 4


def node(pod: Pod, runtime: str = "containerd") -> Snapshot:
    can = Abilities(by_signal=SIGNALS - BY_RUNTIME, by_runtime=BY_RUNTIME)
    asked = Runtime(runtime, "1.6.20", "unix:///run/x.sock", command=("crictl", "-r", "unix:///run/x.sock"))
    return replace(factories.snapshot(pod), backend="crictl", runtime=asked, abilities=can)


def kubelets(pod: Pod | None = None) -> Pod:
    pod = pod or factories.pod()
    sandbox = Sandbox(SANDBOX, 3, PodState.READY, NOW)
    return replace(pod, brought_back_by=Restorer.KUBELET, attempt=3, sandboxes=(sandbox,))


def offered(snapshot: Snapshot, kind: ActionKind, key: str) -> Offer:
    made = offer(snapshot, kind, key)
    assert isinstance(made, Offer)
    return made


def test_stopping_a_sandbox_ends_every_member_gives_the_address_back_and_kubelet_makes_the_next_attempt() -> None:
    pod = kubelets()
    effects = offered(node(pod), ActionKind.STOP_SANDBOX, pod.key).effects
    assert effects[0] == "containerd ends every member (nginx, sidecar) at once, then pause."
    assert "10.244.1.5 is given back" in effects[1]
    assert "kubelet makes the pod again as sandbox attempt 4" in effects[2]


def test_with_no_kubelet_a_stopped_sandbox_stays_until_it_is_removed() -> None:
    pod = replace(kubelets(), brought_back_by=Restorer.NOBODY)
    made = offered(node(pod), ActionKind.STOP_SANDBOX, pod.key)
    assert made.effects[-1] == "Nobody brings the pod back. It stays as a NotReady sandbox until it is removed."
    assert "Nothing is known that would undo this." in made.before_you_confirm


def test_removing_a_sandbox_takes_its_records_along() -> None:
    pod = kubelets()
    made = offered(node(pod), ActionKind.REMOVE_SANDBOX, pod.key)
    assert any("exit codes" in effect for effect in made.effects)
    assert "kubelet makes the pod again" in made.effects[-1]


def test_cri_dockerd_ends_no_member() -> None:
    pod = kubelets()
    effects = offered(node(pod, "docker"), ActionKind.STOP_SANDBOX, pod.key).effects
    assert effects[0] == ("docker ends pause, and no member: what runs (nginx, sidecar) is left without a network.")


def test_the_pods_name_has_to_be_typed_and_the_sandbox_is_named_by_its_id() -> None:
    pod = kubelets()
    made = offered(node(pod), ActionKind.STOP_SANDBOX, pod.key)
    assert (made.type_to_confirm, made.runtime_id) == ("web", SANDBOX)
    assert made.command == "crictl -r unix:///run/x.sock stopp abcdef0123456"


def test_a_pod_whose_pause_has_no_process_any_more_can_still_be_removed() -> None:
    pod = kubelets()
    assert pod.pause is not None
    dead = replace(pod, state=PodState.NOTREADY, pause=replace(pod.pause, process=None))
    made = offered(node(dead), ActionKind.REMOVE_SANDBOX, dead.key)
    assert made.target is None
    assert made.command == "crictl -r unix:///run/x.sock rmp -f abcdef0123456"


def test_a_pod_without_a_sandbox_has_none_to_stop() -> None:
    pod = replace(kubelets(), sandboxes=())
    assert offer(node(pod), ActionKind.STOP_SANDBOX, pod.key) == NotPossible(
        ActionKind.STOP_SANDBOX, "default/web has no sandbox"
    )


def test_a_member_is_restarted_by_stopping_it_with_the_pods_own_grace() -> None:
    pod = kubelets()
    member = replace(pod.members[0], runtime_id="1" * 64, grace_seconds=30.0)
    pod = replace(pod, members=(member, *pod.members[1:]))
    made = offered(node(pod), ActionKind.RESTART_MEMBER, member.key)
    assert "SIGKILL if it has not after 30 s" in made.effects[0]
    assert "kubelet starts it again" in made.effects[1]
    assert made.command == "crictl -r unix:///run/x.sock stop --timeout 30 1111111111111"
    assert (made.runtime_id, made.grace_seconds) == ("1" * 64, 30.0)


def test_a_member_whose_process_is_not_known_can_be_stopped_by_the_runtime_but_not_killed_by_a_signal() -> None:
    pod = kubelets()
    member = replace(pod.members[0], runtime_id="1" * 64, process=None)
    pod = replace(pod, members=(member,))
    assert offered(node(pod), ActionKind.RESTART_MEMBER, member.key).target is None
    assert isinstance(offer(node(pod), ActionKind.KILL_MEMBER, member.key), NotPossible)


@pytest.mark.parametrize("kind", sorted(BY_RUNTIME - SIGNALS))
def test_what_a_backend_cannot_do_is_not_offered(kind: ActionKind) -> None:
    pod = kubelets()
    made = offer(factories.snapshot(pod), kind, pod.key)
    assert isinstance(made, NotPossible)
    assert "has no such action" in made.why


def test_the_commands_of_a_pod_name_its_sandbox_and_those_of_a_member_its_container() -> None:
    pod = kubelets()
    member = replace(pod.members[0], runtime_id="1" * 64)
    pod = replace(pod, members=(member, *pod.members[1:]))
    texts = [one.text for one in shell.commands(node(pod), pod, None)]
    assert "crictl -r unix:///run/x.sock inspectp abcdef0123456" in texts
    assert not any(" logs " in text for text in texts)
    texts = [one.text for one in shell.commands(node(pod), pod, member)]
    assert "crictl -r unix:///run/x.sock logs --tail 50 1111111111111" in texts


def test_every_action_of_the_selected_row_is_there_as_a_command() -> None:
    pod = kubelets()
    texts = [entry.text for entry in shell.entries(node(pod), pod, None)]
    for word in ("stopp", "rmp -f"):
        assert any(f" {word} abcdef0123456" in text for text in texts)


def test_the_commands_of_an_engine_name_its_container() -> None:
    pod = factories.pod()
    member = replace(pod.members[0], runtime_id="1" * 64)
    pod = replace(pod, members=(member, *pod.members[1:]))
    asked = Runtime("docker", "20.10", command=("docker", "-H", "unix:///x"))
    shown = replace(factories.snapshot(pod), backend="docker", runtime=asked)
    texts = [one.text for one in shell.commands(shown, pod, member)]
    assert "docker -H unix:///x logs --tail 50 1111111111111" in texts


def test_where_pause_has_ended_it_is_not_said_to_hold_anything() -> None:
    pod = kubelets()
    assert pod.pause is not None
    dead = replace(pod, pause=replace(pod.pause, state=ContainerState.EXITED, process=None))
    member = dead.members[0]
    told = offered(node(dead), ActionKind.KILL_MEMBER, member.key).effects[-1]
    assert told.startswith("Pause has ended: net, ipc and uts live only as long as somebody else holds them.")
    assert "then pause" not in offered(node(dead), ActionKind.STOP_SANDBOX, dead.key).effects[0]


def test_whom_the_backend_asks_and_why_is_told_beside_the_commands() -> None:
    pod = kubelets()
    found = replace(node(pod).runtime, found_by="from CONTAINER_RUNTIME_ENDPOINT")
    texts = [entry.text for entry in shell.entries(replace(node(pod), runtime=found), pod, None)]
    assert texts[-1] == "crictl asks unix:///run/x.sock, from CONTAINER_RUNTIME_ENDPOINT."
