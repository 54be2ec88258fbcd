"""Looks one after the other: what is not joined again is what joining would give."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from pausetui.core.inventory import ContainerRecord, ContainerState, Inventory, Role
from pausetui.core.join import join
from pausetui.core.observation import Network, Observation, Process, Thread, Vitals
from pausetui.core.rejoin import Joiner
from pausetui.core.snapshot import Snapshot
from tests.core.test_join import INIT, MEMBER_SPACES, PAUSE_SPACES, inventory, observation, process
from tests.factories import HOST, NOW

CGROUPS = ("", f"/pod/{'nginx' * 12}", f"/pod/{'pause' * 12}", "/other")
SHIM = process(50, name="shim")
PAUSE = process(100, PAUSE_SPACES, parent=50, name="pause", cgroup=CGROUPS[2])
NGINX = process(200, MEMBER_SPACES, parent=50, name="nginx", cgroup=CGROUPS[1])
HELPER = process(250, name="helper")
HELPED = process(300, PAUSE_SPACES, parent=250, name="helped")
CHILD = process(300, PAUSE_SPACES, parent=50, name="child")


def told(pid: int, name: str, role: Role) -> ContainerRecord:
    return ContainerRecord(f"p/{role}/{name}", name, role, ContainerState.RUNNING, runtime_id=name * 12, pid=pid)


WEB = inventory(told(200, "nginx", Role.MEMBER), pause=told(100, "pause", Role.PAUSE))


def processes(pid: int) -> SearchStrategy[Process | None]:
    """Anything that may be at this pid, the usual most often."""
    usual = {1: INIT, 50: SHIM, 100: PAUSE, 200: NGINX, 300: CHILD}[pid]
    spaces = st.sampled_from([HOST, PAUSE_SPACES, MEMBER_SPACES])
    threads = st.sampled_from([(), (Thread(pid + 1, PAUSE_SPACES),)])
    moved = st.builds(process, st.just(pid), st.just(usual.namespaces), parent=st.sampled_from([1, 50, 100, 200]))
    other = st.builds(
        process,
        st.just(pid),
        spaces,
        parent=st.sampled_from([1, 50, 100, 200]),
        cgroup=st.sampled_from(CGROUPS),
        threads=threads,
        zombie=st.booleans(),
    )
    return st.one_of(st.just(usual), st.just(usual), st.none(), moved, other)


observed = st.tuples(*(processes(pid) for pid in (1, 50, 100, 200, 300)))
seconds = st.sampled_from([-1, 1])
configured = st.sampled_from(
    [Network(("10.244.1.5",)), Network(("10.244.1.5",)), Network(()), Network(("10.244.1.6",), routes=("default",))]
)
looks = st.lists(
    st.tuples(observed, seconds, st.sampled_from([False, False, True]), configured), min_size=2, max_size=5
)


def look(*found: Process, vitals: Vitals | None = None) -> Observation:
    base = observation(*found)
    assert PAUSE_SPACES.net is not None
    known = {each.id: vitals for each in found} if vitals else {}
    return replace(base, networks={PAUSE_SPACES.net: Network(("10.244.1.5",))}, vitals=known)


@settings(max_examples=200)
@given(looks)
def test_what_is_not_joined_again_is_what_joining_would_give(
    looks: list[tuple[tuple[Process | None, ...], float, bool, Network]],
) -> None:
    joiner, before = Joiner(), None
    assert PAUSE_SPACES.net is not None
    for found, late, stale, network in looks:
        there = [each for each in found if each is not None]
        processes = {each.pid: each for each in there}
        seen = replace(observation(), processes=processes, networks={PAUSE_SPACES.net: network})
        answer = replace(WEB, inventory_at=NOW + timedelta(seconds=late), stale=stale)
        before = join(answer, seen, NOW, before)
        assert joiner.join(answer, seen, NOW, backend="lab") == before


def test_a_program_of_the_host_leaves_the_very_same_pods() -> None:
    first, second = after(WEB, look(PAUSE, NGINX), look(PAUSE, NGINX, SHIM))
    assert second.pods is first.pods


def test_nothing_is_joined_again_while_nothing_but_the_host_changes() -> None:
    joiner = Joiner()
    joiner.join(WEB, look(PAUSE, NGINX), NOW, backend="lab")
    lazy = replace(WEB, inventory_at=WEB.inventory_at - timedelta(seconds=1))
    first = joiner.join(lazy, look(PAUSE, NGINX, SHIM), NOW, backend="lab")
    second = joiner.join(lazy, look(PAUSE, NGINX), NOW, backend="lab")
    assert first.former_networks is second.former_networks
    assert second.inventory_at == lazy.inventory_at


def test_times_and_vitals_are_always_those_of_the_newest_look() -> None:
    later = NOW + timedelta(seconds=5)
    busy = Vitals("R", cpu_percent=90.0)
    joiner = Joiner()
    joiner.join(WEB, look(PAUSE, NGINX, vitals=Vitals("S")), NOW, backend="lab")
    newest = replace(look(PAUSE, NGINX, vitals=busy), observed_at=later)
    found = joiner.join(WEB, newest, later, backend="lab")
    assert (found.taken_at, found.observed_at, found.vitals.get(NGINX.id)) == (later, later, busy)


@pytest.mark.parametrize(
    ("before", "later"),
    [
        pytest.param(look(PAUSE, NGINX), look(PAUSE, NGINX, CHILD), id="somebody joins a pod's network"),
        pytest.param(look(PAUSE, NGINX, CHILD), look(PAUSE, NGINX), id="somebody leaves a pod's network"),
        pytest.param(
            look(PAUSE, NGINX, HELPER, HELPED),
            look(PAUSE, NGINX, replace(HELPER, parent=200), HELPED),
            id="a program of the host is a member's child now, and what it started is the member's, too",
        ),
        pytest.param(
            replace(look(NGINX), processes={200: NGINX}),
            look(NGINX),
            id="that a pause is missing now means its end",
        ),
        pytest.param(look(PAUSE, NGINX), replace(look(PAUSE, NGINX), networks={}), id="an address goes"),
    ],
)
def test_a_look_that_concerns_a_pod_is_joined(before: Observation, later: Observation) -> None:
    joiner = Joiner()
    first, second = (joiner.join(WEB, each, NOW, backend="lab") for each in (before, later))
    assert second == join(WEB, later, NOW, first) != replace(first, observed_at=second.observed_at)


def test_a_process_that_was_too_young_for_the_look_is_gone_if_the_next_look_has_none() -> None:
    joiner = Joiner()
    answer = replace(WEB, inventory_at=NOW + timedelta(seconds=1))
    seen = look(PAUSE)
    states = [
        joiner.join(answer, replace(seen, observed_at=NOW + timedelta(seconds=late)), NOW, backend="lab")
        .pods[0]
        .members[0]
        .state
        for late in (0, 2)
    ]
    assert states == [ContainerState.RUNNING, ContainerState.EXITED]


def test_a_member_that_ends_is_seen_though_the_runtime_says_nothing_new() -> None:
    _, second = after(WEB, look(PAUSE, NGINX), look(PAUSE))
    assert second.pods[0].members[0].state is ContainerState.EXITED


def after(answer: Inventory, *looks: Observation) -> list[Snapshot]:
    joiner = Joiner()
    return [joiner.join(answer, each, NOW, backend="lab") for each in looks]


def test_only_the_pod_whose_network_changed_is_joined_again() -> None:
    other = replace(WEB.pods[0], key="q", name="other", pause=None, members=())
    both = replace(WEB, pods=(*WEB.pods, other))
    joiner = Joiner()
    assert PAUSE_SPACES.net is not None
    seen = look(PAUSE, NGINX)
    first = joiner.join(both, seen, NOW, backend="lab")
    moved = replace(seen, networks={PAUSE_SPACES.net: Network(("10.244.1.6",))})
    second = joiner.join(both, moved, NOW, backend="lab")
    old, new = ({pod.key: pod for pod in snapshot.pods} for snapshot in (first, second))
    assert new["q"] is old["q"]
    assert new["p"].addresses == ("10.244.1.6",)
