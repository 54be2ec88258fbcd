"""The processes of a pod by pid namespace, as trees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from pausetui.core.namespaces import NamespaceKind
from pausetui.core.observation import ProcessId
from pausetui.core.process_tree import PidSpace, pid_spaces
from pausetui.core.snapshot import Container, ContainerProcess, Pod
from tests import strategies
from tests.factories import ns, pod

NESTED = ns(NamespaceKind.PID, 700)


def process(
    pid: int, name: str, parent: int, *inner: int, zombie: bool = False, nested: bool = False
) -> ContainerProcess:
    differs = (NESTED,) if nested else ()
    return ContainerProcess(ProcessId(pid, pid * 10), name, differs, (pid, *inner), zombie, parent)


def with_processes(one: Pod, member: str, more: Sequence[ContainerProcess]) -> Pod:
    """The pod with these processes below those of a member."""

    def added(container: Container) -> Container:
        if container.name != member:
            return container
        return replace(container, processes=(*container.processes, *more))

    return replace(one, members=tuple(map(added, one.members)))


def drawn(space: PidSpace) -> list[str]:
    return ["  " * node.depth + node.process.name for node in space.nodes]


def test_each_pid_namespace_has_its_own_tree() -> None:
    pause, nginx, sidecar = pid_spaces(pod())
    assert [drawn(space) for space in (pause, nginx, sidecar)] == [["pause"], ["nginx"], ["sidecar"]]
    assert nginx.namespace == pod().members[0].namespaces.pid


def test_children_stand_below_their_parent_in_the_order_of_their_pids() -> None:
    more = [process(1100, "worker", 1001, 6), process(1101, "helper", 1100, 7), process(1102, "worker", 1001, 8)]
    assert drawn(pid_spaces(with_processes(pod(), "nginx", more))[1]) == [
        "nginx",
        "  worker",
        "    helper",
        "  worker",
    ]


def test_pid_1_is_the_process_that_calls_itself_so() -> None:
    more = [process(1100, "worker", 1001, 6)]
    init = pid_spaces(with_processes(pod(), "nginx", more))[1].init
    assert init is not None
    assert init.process.name == "nginx"


def test_seen_from_its_own_namespace_nobody_is_taken_for_its_pid_1() -> None:
    one = pod(members=("app",))
    app = one.members[0]
    seen_from_inside = replace(app, processes=(process(1001, "app", 0),))
    assert pid_spaces(replace(one, members=(seen_from_inside,)))[1].init is None


def test_with_a_shared_pid_namespace_there_is_one_tree_and_pause_is_pid_1() -> None:
    one = pod()
    assert one.pause is not None
    shared = one.pause.namespaces.pid
    members = tuple(
        replace(
            member,
            namespaces=replace(member.namespaces, pid=shared),
            processes=(replace(member.processes[0], namespace_pids=(1001 + place, 7 + place)),),
        )
        for place, member in enumerate(one.members)
    )
    (space,) = pid_spaces(replace(one, members=members))
    assert drawn(space) == ["pause", "nginx", "sidecar"]
    assert space.init is not None
    assert space.init.process.name == "pause"


def test_a_nested_pid_namespace_stands_apart_with_its_own_pid_1() -> None:
    more = [
        process(1100, "unshare", 1001, 6),
        process(1101, "sh", 1100, 7, 1, nested=True),
        process(1102, "sleep", 1101, 8, 2, nested=True),
    ]
    nested = pid_spaces(with_processes(pod(), "nginx", more))[2]
    assert (nested.namespace, drawn(nested)) == (NESTED, ["sh", "  sleep"])
    assert nested.init is not None
    assert nested.init.process.name == "sh"


def test_a_zombie_is_in_the_namespace_of_its_parent() -> None:
    more = [
        process(1100, "sh", 1001, 6, 1, nested=True),
        process(1101, "lost", 1100, 7, 2, zombie=True),
        process(1102, "left", 1001, 8, zombie=True),
    ]
    spaces = pid_spaces(with_processes(pod(), "nginx", more))
    assert drawn(spaces[1]) == ["nginx", "  left"]
    assert drawn(spaces[2]) == ["sh", "  lost"]


def test_of_a_zombie_that_was_pid_1_further_in_the_namespace_is_not_known() -> None:
    more = [process(1100, "sh", 1001, 6, 1, zombie=True)]
    assert [space.namespace for space in pid_spaces(with_processes(pod(), "nginx", more))][2] is None


def test_a_circle_of_parents_is_broken_somewhere() -> None:
    more = [process(1100, "one", 1101, 6), process(1101, "other", 1100, 7)]
    assert drawn(pid_spaces(with_processes(pod(), "nginx", more))[1]) == ["nginx", "one", "  other"]


def test_a_thousand_generations_are_no_matter() -> None:
    more = [process(2000 + n, "sh", 1999 + n if n else 1001, 6 + n) for n in range(2000)]
    assert pid_spaces(with_processes(pod(), "nginx", more))[1].nodes[-1].depth == 2000


few_pids = st.integers(1, 9)
tangled = st.builds(
    ContainerProcess,
    st.builds(ProcessId, few_pids, st.integers(1, 2)),
    strategies.names,
    st.sampled_from([(), (NESTED,)]),
    namespace_pids=st.lists(few_pids, max_size=3).map(tuple),
    zombie=st.booleans(),
    parent=st.integers(0, 9),
)


@given(st.lists(tangled, max_size=12), st.lists(tangled, max_size=12))
def test_every_process_stands_in_the_tree_exactly_once_whatever_the_parents_say(
    ones: list[ContainerProcess], others: list[ContainerProcess]
) -> None:
    plain = pod()
    nginx, sidecar = plain.members
    one = replace(plain, members=(replace(nginx, processes=tuple(ones)), replace(sidecar, processes=tuple(others))))
    shown = [node.process.id for space in pid_spaces(one) for node in space.nodes]
    assert plain.pause is not None
    assert sorted(shown) == sorted({each.id for each in (*ones, *others, *plain.pause.processes)})


@given(st.lists(tangled, max_size=12, unique_by=lambda each: each.id.pid))
def test_a_parent_always_stands_above_its_children(many: list[ContainerProcess]) -> None:
    one = with_processes(pod(), "nginx", many)
    for space in pid_spaces(one):
        path: list[ContainerProcess] = []
        for node in space.nodes:
            del path[node.depth :]
            assert node.depth == len(path)
            if path:
                assert node.process.parent == path[-1].id.pid
            path.append(node.process)
