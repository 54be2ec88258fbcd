"""Where the other ends of the pods' veths are looked for."""

from __future__ import annotations

from dataclasses import replace

from pausetui.core.homes import homes
from pausetui.core.join import join
from pausetui.core.rejoin import Joiner
from pausetui.core.snapshot import Home
from tests.core.test_join import INIT, NGINX, PAUSE, WEB, observation, process
from tests.factories import HOST, NOW, namespaces, pod

NODE = namespaces(600)
SHIM = process(90, name="containerd-shim")


def found(*processes: object, **more: object) -> tuple[Home, ...]:
    return join(WEB, observation(*processes, **more), NOW).homes  # type: ignore[arg-type]


def test_the_network_of_a_pods_maker_is_a_home() -> None:
    shim = replace(SHIM, namespaces=NODE)
    assert NODE.net is not None
    assert HOST.net is not None
    pause = replace(PAUSE, parent=shim.pid)
    assert found(pause, shim, NGINX) == (Home(NODE.net, shim.pid), Home(HOST.net, INIT.pid))


def test_the_hosts_network_is_a_home_without_any_pod() -> None:
    assert HOST.net is not None
    assert homes((), observation()) == (Home(HOST.net, INIT.pid),)


def test_a_pods_own_network_is_no_home_even_of_a_pod_inside_it() -> None:
    outer = pod("outer", base=700, pid=700)
    assert outer.pause is not None
    inner = pod("inner", base=800, pid=800)
    assert inner.pause is not None
    seen = observation(
        process(700, outer.pause.namespaces, name="pause"),
        process(800, inner.pause.namespaces, parent=700, name="pause"),
    )
    assert [home.net for home in homes((outer, inner), seen)] == [HOST.net]


def test_a_pod_of_the_hosts_network_makes_the_host_no_less_a_home() -> None:
    agent = pod("agent", base=700, pid=700)
    assert agent.pause is not None
    shares = replace(agent.pause, namespaces=replace(agent.pause.namespaces, net=HOST.net))
    seen = observation(process(700, shares.namespaces, name="pause"))
    assert [home.net for home in homes((replace(agent, pause=shares),), seen)] == [HOST.net]


def test_a_home_that_ended_while_nothing_of_its_pods_changed_is_none_any_more() -> None:
    shim, runtime = replace(SHIM, parent=91), process(91, NODE, name="containerd")
    pause = replace(PAUSE, parent=shim.pid)
    joiner = Joiner()
    first = joiner.join(WEB, observation(pause, NGINX, shim, runtime), NOW, backend="lab")
    same = joiner.join(WEB, observation(pause, NGINX, shim, runtime, process(300)), NOW, backend="lab")
    assert same.homes is first.homes
    moved = replace(runtime, namespaces=HOST)
    last = joiner.join(WEB, observation(pause, NGINX, shim, moved), NOW, backend="lab")
    assert [home.net for home in first.homes] == [HOST.net, NODE.net]
    assert [home.net for home in last.homes] == [HOST.net]


def test_processes_that_are_each_others_parents_are_no_trap() -> None:
    seen = observation(replace(PAUSE, parent=SHIM.pid), replace(SHIM, parent=PAUSE.pid), NGINX)
    assert HOST.net in [home.net for home in join(WEB, seen, NOW).homes]
