"""Which veths of the node are left over."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pausetui.core.doctor.checks import findings
from pausetui.core.doctor.finding import Examined, Finding
from pausetui.core.doctor.veths import FarEnd, Inside, NodeSide, Veth
from pausetui.core.namespaces import NamespaceKind
from pausetui.core.observation import Problem
from pausetui.core.snapshot import Unclaimed
from tests import factories
from tests.factories import ns

NODE = replace(factories.snapshot(), backend="crictl")
LOST = Inside((("lo", "loopback"), ("eth0", "veth")), ("10.244.1.9",))
NOBODYS = Veth("veth9", 9, FarEnd.NOWHERE, 2, bridge="cni0", inside=LOST)
PIN = Unclaimed(ns(NamespaceKind.NET, 77), ("/run/netns/cni-77",), ("10.244.1.9",))
PINNED = Veth("veth9", 9, FarEnd.PINNED, 2, bridge="cni0", pinned=PIN.namespace)


def found(
    *veths: Veth, before: tuple[Veth, ...] | None = None, unclaimed: tuple[Unclaimed, ...] = ()
) -> tuple[Finding, ...]:
    shown = replace(NODE, unclaimed=unclaimed)
    pinned = frozenset(one.namespace.inode for one in unclaimed)
    now, then = NodeSide(veths, pinned), NodeSide(veths if before is None else before, pinned)
    told = findings(Examined(shown, shown, (), now, then))
    return tuple(one for one in told if one.id == "leaked-veth")


def test_one_whose_other_end_is_where_nothing_leads_to_is_left_over_and_can_be_deleted() -> None:
    (one,) = found(NOBODYS)
    assert (one.subject, one.title) == ("/sys/class/net/veth9", "veth9")
    assert one.command == "ip link delete veth9"
    assert one.evidence[0] == "veth9 is a port of cni0"
    assert one.evidence[2] == "inside: lo, eth0, 10.244.1.9"
    assert one.evidence[3].startswith("no process has it open")


def test_the_process_that_has_the_namespace_open_is_named() -> None:
    (one,) = found(replace(NOBODYS, inside=replace(LOST, holders=("agent (pid 12)",))))
    assert one.evidence[3] == "it is held by agent (pid 12), which has it open"


def test_a_name_of_the_machine_is_never_run_by_the_shell_that_the_command_is_pasted_into() -> None:
    (one,) = found(replace(NOBODYS, name="a;reboot"))
    assert one.command == "ip link delete 'a;reboot'"


def test_one_in_another_home_is_deleted_there() -> None:
    (one,) = found(replace(NOBODYS, enter="nsenter -t 7 -n"))
    assert one.command == "nsenter -t 7 -n ip link delete veth9"


@pytest.mark.parametrize("outside", [("docker0", "bridge"), ("enp1s0", "")])
def test_in_a_container_our_own_uplink_leads_to_a_machine_and_is_fine(outside: tuple[str, str]) -> None:
    around = replace(LOST, links=(*LOST.links, outside))
    assert found(replace(NOBODYS, bridge=None, inside=around)) == ()


def test_where_we_may_not_ask_what_is_inside_nothing_is_told() -> None:
    assert found(replace(NOBODYS, inside=None)) == ()


def test_where_some_processes_are_hidden_the_other_end_may_be_theirs() -> None:
    assert found(replace(NOBODYS, end=FarEnd.UNKNOWN)) == ()


def test_one_that_was_made_or_lost_its_pod_just_now_may_be_on_its_way() -> None:
    assert found(NOBODYS, before=()) == ()
    assert found(NOBODYS, before=(replace(NOBODYS, end=FarEnd.USED),)) == ()
    assert found(NOBODYS, before=(replace(NOBODYS, index=8),)) == ()


def test_one_whose_other_end_is_in_a_leaked_pin_ends_with_that() -> None:
    (one,) = found(PINNED, unclaimed=(PIN,))
    assert one.command == "ip netns delete cni-77"
    assert "inside: 10.244.1.9" in one.evidence


def test_one_whose_other_end_is_in_a_pin_of_a_pod_or_of_somebody_else_is_fine() -> None:
    assert found(PINNED) == ()
    assert found(PINNED, unclaimed=(replace(PIN, paths=("/run/netns/vpn",)),)) == ()


def test_one_that_a_process_is_behind_is_fine() -> None:
    assert found(replace(NOBODYS, end=FarEnd.USED, inside=None)) == ()


def pair(**of_the_other: object) -> tuple[Veth, Veth]:
    other = Veth("veth8", 8, FarEnd.HERE, 9, up=False)
    return Veth("veth9", 9, FarEnd.HERE, 8, bridge="docker0"), replace(other, **of_the_other)  # type: ignore[arg-type]


def test_a_port_whose_other_end_is_down_beside_it_never_got_into_a_pod() -> None:
    (one,) = found(*pair())
    assert one.command == "ip link delete veth9"
    assert one.evidence[1].startswith("its other end, veth8, is on the node, too")


@pytest.mark.parametrize("use", [{"bridge": "br1"}, {"up": True}, {"has_address": True}], ids=str)
def test_a_pair_that_the_node_uses_itself_is_fine(use: dict[str, object]) -> None:
    assert found(*pair(**use)) == ()


def test_a_pair_of_which_no_end_is_a_port_is_fine() -> None:
    one, other = pair()
    assert found(replace(one, bridge=None), other) == ()


def test_while_a_runtime_is_silent_nothing_is_told() -> None:
    silent = replace(NODE, problems=(Problem("backend:crictl", "asking crictl", "no answer"),))
    told = findings(Examined(silent, silent, (), NodeSide((NOBODYS,)), NodeSide((NOBODYS,))))
    assert [one.id for one in told] == ["runtime-does-not-answer"]
