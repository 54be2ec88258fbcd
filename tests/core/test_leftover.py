"""What a pod leaves behind when it is remade while somebody from outside is in its network."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from pausetui.core.join import join
from pausetui.core.observation import Network, Observation, Process
from pausetui.core.snapshot import Snapshot
from tests.core.test_join import NGINX, PAUSE, PAUSE_SPACES, WEB, observation, process
from tests.factories import HOST, NOW, namespaces

SHELL = process(300, replace(HOST, net=PAUSE_SPACES.net), name="bash")
ELSEWHERE = replace(PAUSE_SPACES, net=namespaces(500).net)
REMADE = (
    replace(PAUSE, namespaces=ELSEWHERE),
    replace(NGINX, namespaces=replace(NGINX.namespaces, net=ELSEWHERE.net)),
)


def looks(*seen: Observation) -> Snapshot:
    last: Snapshot | None = None
    for number, one in enumerate(seen):
        last = join(WEB, one, NOW + timedelta(seconds=number), last)
    assert last is not None
    return last


def problems(snapshot: Snapshot) -> list[str]:
    return [f"{problem.what}: {problem.why}" for problem in snapshot.problems]


def remade(*others: Process) -> Observation:
    assert PAUSE_SPACES.net is not None
    return observation(*REMADE, *others, networks={PAUSE_SPACES.net: Network(("10.244.1.5",))})


def test_a_shell_that_stays_in_the_old_network_is_named_with_the_address_that_is_still_there() -> None:
    (said,) = problems(looks(observation(PAUSE, NGINX, SHELL), remade(SHELL)))
    assert said.endswith("still exists: held by bash (pid 300), with 10.244.1.5")


def test_it_is_said_for_as_long_as_the_shell_is_there() -> None:
    assert problems(looks(observation(PAUSE, NGINX, SHELL), remade(SHELL), remade(SHELL)))
    assert not problems(looks(observation(PAUSE, NGINX, SHELL), remade(SHELL), remade()))


def test_nothing_is_said_of_a_shell_in_the_pods_present_network() -> None:
    assert not problems(looks(observation(PAUSE, NGINX, SHELL), observation(PAUSE, NGINX, SHELL)))


def test_nothing_is_said_of_the_hosts_network() -> None:
    in_hosts = replace(PAUSE, namespaces=replace(PAUSE_SPACES, net=HOST.net))
    assert not problems(looks(observation(in_hosts), remade()))
