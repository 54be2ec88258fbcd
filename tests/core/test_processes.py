"""What is told of processes: who is pid 1, what each uses, who should reap the zombies."""

from __future__ import annotations

from dataclasses import replace

from pausetui.core.namespaces import NamespaceKind
from pausetui.core.observation import ProcessId, Vitals
from pausetui.core.snapshot import Container, Pod, Sharer
from pausetui.core.tabs.processes import entries
from tests import factories
from tests.core.test_process_tree import process, with_processes


def told(pod: Pod, container: Container | None = None, **vitals: str) -> list[str]:
    """What is said; ``vitals`` are states by process name."""
    taken = factories.snapshot(pod)
    more = {
        one.id: Vitals(vitals[one.name], 1_048_576, 1.5)
        for each in pod.containers()
        for one in each.processes
        if one.name in vitals
    }
    shown = replace(taken, vitals={**taken.vitals, **more})
    return [
        f"{entry.label}  {entry.text}" if entry.label else entry.text for entry in entries(shown, pod, container)
    ]


def one_of(lines: list[str], *words: str) -> str:
    (found,) = (line for line in lines if all(word in line for word in words))
    return found


def row(lines: list[str], pid: int) -> str:
    return next(line for line in lines if line.strip().startswith(f"{pid} "))


def shared(pod: Pod) -> Pod:
    """With one pid namespace for all, of which pause is pid 1."""
    assert pod.pause is not None
    space = pod.pause.namespaces.pid
    members = tuple(
        replace(
            member,
            namespaces=replace(member.namespaces, pid=space),
            processes=tuple(
                replace(one, namespace_pids=(one.id.pid, one.id.pid % 1000 + 6)) for one in member.processes
            ),
        )
        for member in pod.members
    )
    return replace(pod, members=members)


def test_of_each_pid_namespace_it_is_told_whose_it_is() -> None:
    lines = told(factories.pod())
    assert "Pid namespace A (4026532013) of pause" in lines
    assert "Pid namespace B (4026532053) of nginx" in lines
    assert "Pid namespace A (4026532013) of pause, nginx, sidecar" in told(shared(factories.pod()))


def test_a_pause_that_is_pid_1_reaps_and_an_ordinary_member_probably_does_not() -> None:
    lines = told(factories.pod())
    assert "Pid 1 is pause (pid 1000), which reaps orphans." in lines
    assert one_of(lines, "Pid 1 is nginx (pid 1001), which probably does not reap")


def test_an_init_is_known_by_its_name_alone() -> None:
    assert one_of(told(factories.pod(members=("tini",))), "Pid 1 is tini", "probably reaps")


def test_a_member_that_is_called_pause_is_not_taken_for_one() -> None:
    lines = told(factories.pod(members=("pause",)))
    assert one_of(lines, "Pid 1 is pause (pid 1001), which probably does not reap")


def test_a_row_has_both_pids_state_memory_cpu_age_and_name() -> None:
    lines = told(with_processes(factories.pod(), "nginx", [process(1100, "worker", 1001, 6)]), worker="R")
    assert row(lines, 1100).split() == ["1100", "6", "runs", "1.0", "MiB", "1.5%", "2m", "\\_", "worker"]


def test_all_pids_further_in_are_told() -> None:
    lines = told(with_processes(factories.pod(), "nginx", [process(1100, "sh", 1001, 6, 1, nested=True)]))
    assert " 6/1 " in row(lines, 1100)
    assert one_of(lines, "Pid namespace 4026532700, further in")


def test_what_is_not_known_is_a_question_mark() -> None:
    plain = factories.pod()
    bare = replace(process(1100, "worker", 1001), namespace_pids=())
    shown = replace(factories.snapshot(with_processes(plain, "nginx", [bare])), vitals={})
    lines = [f"{entry.label} {entry.text}" for entry in entries(shown, shown.pods[0], None)]
    assert row(lines, 1100).split()[1:5] == ["?", "?", "?", "?"]


def test_a_main_process_with_another_name_tells_its_container() -> None:
    plain = factories.pod()
    nginx, sidecar = plain.members
    renamed = replace(nginx, processes=(replace(nginx.processes[0], name="python3"),))
    assert row(told(replace(plain, members=(renamed, sidecar))), 1001).endswith("python3 (nginx)")


def test_a_stopped_process_is_called_that() -> None:
    assert " stopped " in row(told(factories.pod(), nginx="T"), 1001)


def test_namespaces_of_its_own_are_named_but_for_that_which_heads_the_tree() -> None:
    own_net = factories.ns(NamespaceKind.NET, 555)
    stray = process(1100, "stray", 1001, 6, nested=True)
    lines = told(with_processes(factories.pod(), "nginx", [replace(stray, differs=(*stray.differs, own_net))]))
    assert row(lines, 1100).endswith("stray own net")


def test_zombies_of_an_ordinary_pid_1_are_left_to_it() -> None:
    more = [process(1100 + n, "lost", 1001, 6 + n, zombie=True) for n in range(2)]
    lines = told(with_processes(factories.pod(), "nginx", more))
    assert " zombie " in row(lines, 1100)
    said = one_of(lines, "2 zombies")
    assert "left to nginx (pid 1001), pid 1 here, which probably does not reap orphans" in said


def test_a_zombie_is_its_parents_and_after_that_pid_1s() -> None:
    more = [process(1100, "sh", 1001, 60), process(1101, "lost", 1100, 61, zombie=True)]
    said = one_of(told(shared(with_processes(factories.pod(), "nginx", more))), "1 zombie")
    assert (
        "of sh (pid 1100), which should reap them; when that ends, pause (pid 1000), pid 1 here, reaps orphans"
        in said
    )


def test_the_zombie_of_somebody_from_outside_is_said_to_be_that() -> None:
    more = [process(1100, "lost", 4711, 6, zombie=True)]
    said = one_of(told(with_processes(factories.pod(), "nginx", more)), "1 zombie")
    assert "of pid 4711, no process of this pod, which should reap them" in said


def test_one_container_has_its_own_processes_only_and_the_pid_1_of_all() -> None:
    one = shared(factories.pod())
    lines = told(one, one.members[0])
    assert [line.split()[0] for line in lines if line.split() and line.split()[0].isdecimal()] == ["1001"]
    assert one_of(lines, "Pid 1 is pause (pid 1000)")


def test_what_comes_from_outside_stands_apart() -> None:
    visited = replace(factories.pod(), sharers=(Sharer(ProcessId(4711, 1), "nsenter", (NamespaceKind.NET,)),))
    lines = told(visited)
    assert lines[lines.index("From outside, in its namespaces") + 1] == "4711  nsenter shares net"


def test_a_container_without_a_process_is_named() -> None:
    plain = factories.pod()
    ended = replace(plain.members[0], process=None, processes=())
    assert "nginx: no process is known" in told(replace(plain, members=(ended,)))


def test_with_hostpid_pid_1_is_the_machines() -> None:
    plain = factories.pod(members=("agent",))
    agent = plain.members[0]
    hosts = replace(agent, namespaces=replace(agent.namespaces, pid=factories.HOST.pid))
    assert one_of(told(replace(plain, members=(hosts,))), "Pid 1 is the machine's init")


def test_where_namespaces_may_not_be_read_it_says_so() -> None:
    plain = factories.pod(members=("agent",))
    agent = plain.members[0]
    hidden = replace(agent, namespaces=replace(agent.namespaces, pid=None))
    assert "Pid namespace not known" in told(replace(plain, members=(hidden,)))


def test_a_start_time_beyond_all_reason_is_no_age() -> None:
    strange = replace(process(1100, "odd", 1001, 6), id=ProcessId(1100, 2**63))
    assert " ?  \\_ odd" in row(told(with_processes(factories.pod(), "nginx", [strange])), 1100)
