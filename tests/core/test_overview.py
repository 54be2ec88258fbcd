from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta

import pytest
from hypothesis import given

from pausetui.core.inventory import PastAttempt, PodState, Restorer, Role, Runtime
from pausetui.core.namespaces import NamespaceKind
from pausetui.core.observation import ProcessId, Vitals
from pausetui.core.prose import Entry
from pausetui.core.sharing import held_kinds, holders, letters, shares_pid
from pausetui.core.snapshot import Pod, Snapshot
from pausetui.core.tabs import container_overview, explain, matrix, overview, processes, shell
from tests.factories import NOW, ns, pod, snapshot
from tests.scenes import PIN, api, classic, hidden, web
from tests.strategies import snapshots


def said(entries: tuple[Entry, ...]) -> str:
    return "\n".join(f"{entry.label} {entry.text}".strip() for entry in entries)


def overview_of(one: Pod) -> str:
    return said(overview.pod_overview(snapshot(one), one, UTC))


def shared_pid() -> Pod:
    plain = pod("web")
    assert plain.pause is not None
    space = plain.pause.namespaces.pid
    members = tuple(replace(one, namespaces=replace(one.namespaces, pid=space)) for one in plain.members)
    return replace(plain, members=members)


def test_the_five_things_are_said_in_this_pods_own_numbers() -> None:
    text = overview_of(web())
    assert f"net 4026532010 held by pause, nginx, sidecar, nsenter (pid 4711), pin {PIN}" in text
    assert "kernel  10.244.1.5" in text
    assert "runtime says the same" in text
    assert "the lab's supervisor makes it again" in text
    assert "1 member restart since this pause started at 14:02:00: pause and its namespaces stayed" in text
    assert "this pause 0.7 MiB of memory, cpu 0.0%" in text
    assert "all 1 pause here 0.7 MiB of memory" in text


def test_the_sum_is_over_all_pauses_of_the_node() -> None:
    one, two = pod("a"), pod("b", base=300, pid=3000)
    assert overview.pause_costs(snapshot(one, two)) == (2, 1_400_000, 0.0)


def test_addresses_of_kernel_and_runtime_are_both_said_where_they_differ() -> None:
    text = overview_of(api())
    assert "kernel  10.244.1.6, read <1m ago" in text
    assert "runtime lab says 10.244.1.2, asked <1m ago" in text


def test_an_old_answer_of_the_runtime_says_how_old_it_is() -> None:
    shown = snapshot(api())
    old = replace(shown, inventory_at=NOW - timedelta(minutes=7), stale=True)
    assert "runtime lab says 10.244.1.2, asked 7m ago" in said(overview.pod_overview(old, old.pods[0], UTC))


def test_namespaces_that_others_hold_too_would_outlive_pause() -> None:
    assert "net, ipc, uts would outlive pause" in overview_of(web())


def test_in_a_shared_pid_namespace_only_what_is_pinned_outlives_pause() -> None:
    assert "net, ipc, uts, pid would end with it" in overview_of(shared_pid())


def test_an_orphan_is_named() -> None:
    assert "db is in another network namespace: orphaned." in overview_of(classic())


def test_what_may_not_be_read_says_needs_root() -> None:
    assert "net needs root" in overview_of(hidden())


def test_nobody_brings_it_back_is_said() -> None:
    assert "nobody makes it again" in overview_of(replace(pod(), brought_back_by=Restorer.NOBODY))


def test_the_evidence_for_a_pause_that_was_concluded_is_shown() -> None:
    plain = pod()
    assert plain.pause is not None
    concluded = replace(plain, pause=replace(plain.pause, evidence=("earliest of its group", "it sleeps")))
    assert "- earliest of its group" in overview_of(concluded)


def test_a_member_tells_its_earlier_lives_mounts_and_whom_it_shares_with() -> None:
    one = web()
    text = said(container_overview.container_overview(snapshot(one), one, one.members[0], UTC))
    assert "attempt 1 14:02:30 to 14:04:00 · pid 99 · exit 137 (SIGKILL) · Error" in text
    assert "shared:/data" in text
    assert "4026532010 shared with pause, sidecar, nsenter (pid 4711)" in text
    assert "its own" in text
    assert "the host's" in text


def test_the_matrix_gives_equal_letters_to_those_who_share() -> None:
    one = classic()
    text = said(matrix.entries(snapshot(one), one, None))
    assert "pause[A]   A    A    A    A    host host   host" in text
    assert "db    B    A    A" in text


def test_an_identity_says_where_it_comes_from() -> None:
    one = web()
    assert "id 7010, by ns_id" in said(matrix.entries(snapshot(one), one, None))


def test_processes_are_listed_with_both_their_pids() -> None:
    one = web()
    text = said(processes.entries(snapshot(one), one, None))
    assert "1101  7 sleeps" in text
    assert "4711 nsenter shares net" in text


def test_what_is_said_of_localhost_names_the_key_that_tries_it() -> None:
    one, orphaned = web(), classic()
    assert "localhost; P on one of them tries whose that is." in said(explain.entries(snapshot(one), one, UTC))
    told = said(explain.entries(snapshot(orphaned), orphaned, UTC))
    assert "P on it shows that its localhost is another one." in told


def test_the_commands_name_this_very_process() -> None:
    one = web()
    texts = [each.text for each in shell.commands(snapshot(one), one, one.members[1])]
    assert texts[0] == "nsenter -n -t 1002 ip addr"
    assert "readlink /proc/1002/ns/net" in texts


def test_for_a_pause_only_the_signal_that_deletes_it_is_shown_and_for_a_member_both() -> None:
    one = web()
    pause, member = (said(shell.entries(snapshot(one), one, each)) for each in (one.pause, one.members[0]))
    assert "what ctrl+d does" in pause
    assert "kill -KILL 1000" in pause
    assert "-TERM" not in pause
    assert "what r does, without the checks\nkill -TERM 1001" in member
    assert "what K does, without the checks\nkill -KILL 1001" in member


def test_a_stopped_process_is_called_stopped_and_inside_is_explained() -> None:
    one = pod("web")
    nginx = one.members[0]
    assert nginx.process is not None
    shown = replace(snapshot(one), vitals={nginx.process: Vitals("T")})
    text = said(processes.entries(shown, one, nginx))
    assert " stopped " in text
    assert "what it calls itself" in text


def test_a_lab_with_a_name_is_asked_by_its_name() -> None:
    one = web()
    found = replace(snapshot(one), runtime=Runtime("lab", "0.1.0", "@pausetui-lab-0-second"))
    texts = [each.text for each in shell.commands(found, one, None)]
    assert "PAUSETUI_LAB=second pausetui lab status" in texts


def test_a_lab_whose_name_is_no_name_is_not_pasted_into_a_command() -> None:
    one = web()
    found = replace(snapshot(one), runtime=Runtime("lab", "0.1.0", "@pausetui-lab-0-x; rm -rf /"))
    texts = [each.text for each in shell.commands(found, one, None)]
    assert "pausetui lab status" in texts
    assert not any("rm -rf" in text for text in texts)


@pytest.mark.parametrize("number", [f"P{n}" for n in range(1, 18)])
def test_every_statement_is_there_with_what_is_so_here(number: str) -> None:
    one = web()
    labels = [entry.label.strip() for entry in explain.entries(snapshot(one), one, UTC)]
    assert labels[labels.index(number) + 1] == "here"


def test_each_pod_has_its_own_network_is_shown_with_two_of_them() -> None:
    one, other = web(), api()
    text = said(explain.entries(snapshot(one, other), one, UTC))
    assert "default/web has net:[4026532010], shop/api has net:[4026532200]." in text


@given(snapshots())
def test_something_can_be_said_of_anything(shown: Snapshot) -> None:
    for one in shown.pods:
        overview.pod_overview(shown, one, UTC)
        explain.entries(shown, one, UTC)
        for container in (None, *one.containers()):
            matrix.entries(shown, one, container)
            processes.entries(shown, one, container)
            shell.entries(shown, one, container)
            if container is not None:
                container_overview.container_overview(shown, one, container, UTC)


def test_letters_begin_with_the_pause() -> None:
    one = classic()
    found = letters(one, snapshot(one).host, NamespaceKind.NET)
    assert list(found.values()) == ["A", "A", "B"]


def test_pause_holds_pid_only_where_it_is_shared() -> None:
    host = snapshot().host
    assert NamespaceKind.PID not in held_kinds(pod(), host)
    assert NamespaceKind.PID in held_kinds(shared_pid(), host)
    assert shares_pid(shared_pid())


def test_a_process_that_went_its_own_way_holds_where_it_is() -> None:
    one = pod()
    elsewhere = ns(NamespaceKind.NET, 99)
    from pausetui.core.snapshot import ContainerProcess

    child = ContainerProcess(ProcessId(1500, 1), "child", differs=(elsewhere,))
    nginx = one.members[0]
    moved = replace(one, members=(replace(nginx, processes=(*nginx.processes, child)), one.members[1]))
    assert holders(moved, elsewhere).containers == ("nginx",)


def test_an_init_container_does_not_count_as_restarted() -> None:
    one = pod()
    init = replace(one.members[0], role=Role.INIT, restarts=3, previous=())
    assert "0 member restarts" in overview_of(replace(one, members=(init, one.members[1])))


def without_pause() -> Pod:
    plain = pod("web")
    a, b = plain.members
    stranded = replace(b, namespaces=replace(b.namespaces, net=ns(NamespaceKind.NET, 555)))
    return replace(plain, pause=None, sandboxes=(), members=(a, stranded), orphans=(b.key,))


def lives(count: int, *, minutes: float = 1) -> tuple[PastAttempt, ...]:
    return tuple(PastAttempt(n, started_at=NOW - timedelta(minutes=minutes)) for n in range(count, 0, -1))


def restarted(times: int, *, sandbox: int, previous: tuple[PastAttempt, ...]) -> Pod:
    one = pod("web", attempt=sandbox, members=("nginx",))
    return replace(one, members=(replace(one.members[0], restarts=times, previous=previous),))


def test_in_the_first_sandbox_the_runtimes_own_count_is_told() -> None:
    assert "10 member restarts since" in overview_of(restarted(10, sandbox=0, previous=lives(5)))


def test_in_a_later_sandbox_what_is_remembered_is_told_as_the_least() -> None:
    assert "At least 5 member restarts since" in overview_of(restarted(10, sandbox=1, previous=lives(5)))


def test_in_a_later_sandbox_lives_before_its_pause_do_not_count() -> None:
    mixed = (*lives(2), *lives(1, minutes=9))
    assert "\n2 member restarts since" in overview_of(restarted(10, sandbox=1, previous=mixed))


def test_restarts_that_nobody_counts_are_said_to_be_not_known() -> None:
    one = pod("web")
    uncounted = tuple(replace(member, restarts=None, attempt=None) for member in one.members)
    assert one.pause is not None
    plain = replace(one, members=uncounted, pause=replace(one.pause, restarts=None, attempt=None), attempt=None)
    text = overview_of(plain)
    assert "is not known: this backend does not count it." in text
    assert "none needed it yet" not in text
    assert "No member was restarted" not in said(explain.entries(snapshot(plain), plain, UTC))


def test_a_sandbox_says_when_it_was_created_and_what_it_is_now() -> None:
    one = replace(pod("web"), state=PodState.NOTREADY)
    older = replace(one.sandboxes[0], attempt=0, state=PodState.NOTREADY, created_at=NOW - timedelta(minutes=9))
    text = overview_of(replace(one, sandboxes=(replace(one.sandboxes[0], attempt=1), older)))
    assert "attempt 1 created 14:02:00, NotReady now" in text
    assert "attempt 0 created 13:56:00, NotReady" in text


def test_an_orphan_is_told_in_which_network_it_was_left() -> None:
    one = classic()
    text = said(container_overview.container_overview(snapshot(one), one, one.members[1], UTC))
    assert "orphaned It is not in the pod's network namespace. It is left in net 4026532555" in text
    assert "where usually only lo remains" in text
    assert "net    4026532555 its own: orphaned, not the pod's" in text


def test_without_a_pause_nothing_is_said_of_one() -> None:
    one = without_pause()
    text = overview_of(one) + said(explain.entries(snapshot(one), one, UTC))
    for wrong in (
        "If pause ends",
        "pause holds nothing",
        "pause's namespace",
        "stayed pause's",
        "that pause holds",
    ):
        assert wrong not in text
    assert "No pause container anchors it" in text
    assert "No pause holds anything here" in text


@pytest.mark.parametrize(("letter", "word"), [("T", "stopped"), ("Z", "zombie"), ("S", "running")])
def test_a_member_whose_process_does_nothing_is_not_called_running(letter: str, word: str) -> None:
    one = pod("web")
    nginx = one.members[0]
    assert nginx.process is not None
    shown = replace(snapshot(one), vitals={nginx.process: Vitals(letter)})
    text = said(container_overview.container_overview(shown, one, nginx, UTC))
    assert f"state   member, {word} · pid 1001" in text


def test_times_are_those_of_the_zone_asked_for() -> None:
    assert f"{NOW:%H}:02:00" in overview_of(pod())


def test_of_an_engine_only_the_restarts_it_counts_are_told_as_such() -> None:
    one = replace(pod("web"), backend="docker")
    assert "0 restarts of members by their restart policy" in said(overview.pod_overview(snapshot(one), one))


def test_of_members_only_those_in_the_pauses_pid_namespace_end_with_it() -> None:
    plain = pod("web")
    assert plain.pause is not None
    nginx, sidecar = plain.members
    inside = replace(nginx, namespaces=replace(nginx.namespaces, pid=plain.pause.namespaces.pid))
    text = overview_of(replace(plain, members=(inside, sidecar)))
    assert "In pause's pid namespace: nginx. When pause ends, the kernel ends them, not the others." in text
    assert "net, ipc, uts would outlive pause, since others hold them too; pid would end with it." in text


def test_the_hosts_pid_namespace_does_not_end_with_a_pause() -> None:
    space = snapshot().host.get(NamespaceKind.PID)
    plain = pod("web")
    pause, *members = (
        replace(
            one,
            namespaces=replace(one.namespaces, pid=space),
            processes=tuple(replace(process, namespace_pids=(process.id.pid,)) for process in one.processes),
        )
        for one in plain.containers()
    )
    one = replace(plain, pause=pause, members=tuple(members))
    text = overview_of(one)
    assert "is the host's own" in text
    assert "the kernel ends" not in text
    assert "net, ipc, uts would outlive pause" in text
    assert "The pid namespace is not shared." in said(explain.entries(snapshot(one), one, UTC))


def test_an_init_container_that_has_ended_is_none_of_those_that_outlive_the_pause() -> None:
    plain = shared_pid()
    space = plain.members[0].namespaces
    init = replace(plain.members[1], role=Role.INIT, process=None, namespaces=replace(space, pid=None))
    text = overview_of(replace(plain, members=(plain.members[0], init)))
    assert "when pause ends, the kernel ends them all" in text
