"""The whole observer on a /proc made of files: never ours, so it is read-only and identifies by generation."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pausetui.core.actions import Target
from pausetui.core.namespaces import IdentifiedBy, NamespaceKind
from pausetui.core.observation import ProcessId
from pausetui.errors import ActionRefused, CannotLook, UsageError
from pausetui.kernel.host import HostRoot
from pausetui.kernel.observer import Observer
from tests.factories import own_kinds
from tests.kernel.fake_proc import HOST, FakeProc

POD = {"net": 4026533000, "uts": 4026533001}
NOW = datetime(2026, 3, 14, tzinfo=UTC)


@pytest.fixture
def fake(tmp_path: Path) -> FakeProc:
    made = FakeProc(tmp_path)
    made.process(1, name=b"init", parent=0)
    return made


@pytest.fixture
def observer(fake: FakeProc) -> Iterator[Observer]:
    with closing(Observer(fake.host, now=lambda: NOW)) as made:
        yield made


def test_a_process_is_told_with_everything_that_its_files_say(fake: FakeProc, observer: Observer) -> None:
    fake.process(7, spaces=POD, cmdline=b"/pause\0", cgroup=b"0::/kubepods/x\n", status=b"Name:\tx\nNSpid:\t7\t1\n")
    observation = observer.observe()
    process = observation.processes[7]
    assert (process.id, process.name, process.parent) == (ProcessId(7, 100), "sleep", 1)
    assert own_kinds(observation, process) == (NamespaceKind.NET, NamespaceKind.UTS)
    assert (process.cgroup, process.command) == ("/kubepods/x", ("/pause",))
    assert process.started_at == datetime.fromtimestamp(1700000001, UTC)
    assert observation.vitals[process.id].rss_bytes == 25 * 4096
    assert observation.observed_at == NOW
    assert observation.node.hostname == "node1"


def test_a_host_process_is_told_with_what_every_process_has(fake: FakeProc, observer: Observer) -> None:
    fake.process(7, cgroup=b"0::/system.slice\n")
    observation = observer.observe()
    assert own_kinds(observation, observation.processes[7]) == ()
    assert observation.processes[7].cgroup is None
    assert ProcessId(7, 100) not in observation.vitals


def test_the_host_is_pid_1(observer: Observer) -> None:
    host = observer.observe().host
    assert {namespace.kind.value: namespace.inode for namespace in host.known()} == HOST


def test_where_pid_1_is_not_to_be_seen_the_initial_namespaces_are_the_hosts(
    fake: FakeProc, observer: Observer
) -> None:
    fake.end(1)
    fake.process(9, spaces={"uts": 0xEFFFFFFE, "ipc": 0xEFFFFFFF})
    host = observer.observe().host
    assert {namespace.kind for namespace in host.known()} == {NamespaceKind.UTS, NamespaceKind.IPC}


def test_a_proc_that_is_not_ours_is_read_only(fake: FakeProc, observer: Observer) -> None:
    fake.process(7, spaces=POD)
    observation = observer.observe()
    assert observation.read_only_because is not None
    with pytest.raises(ActionRefused, match="does not show this process"):
        observer.open_target(Target(ProcessId(7, 100)))
    assert not observer.births_are_hinted


def test_generations_are_used_where_nothing_can_be_opened(fake: FakeProc, observer: Observer) -> None:
    fake.process(7, spaces=POD)
    net = observer.observe().processes[7].namespaces.net
    assert net is not None
    assert (net.identified_by, net.id, net.generation) == (IdentifiedBy.GENERATION, None, 0)
    fake.end(7)
    fake.process(8, spaces=POD)
    again = observer.observe().processes[8].namespaces.net
    assert again is not None
    assert (again.inode, again.generation) == (net.inode, 1)


def test_a_pid_that_is_reused_is_another_process(fake: FakeProc, observer: Observer) -> None:
    fake.process(7, spaces=POD)
    net = observer.observe().processes[7].namespaces.net
    fake.process(7, start=200, spaces=POD)
    observation = observer.observe()
    assert observation.processes[7].id == ProcessId(7, 200)
    assert observation.processes[7].namespaces.net != net


def test_a_zombie_is_told_and_holds_nothing(fake: FakeProc, observer: Observer) -> None:
    fake.process(7, spaces=POD)
    observer.observe()
    fake.process(7, spaces=POD, state="Z")
    observation = observer.observe()
    assert observation.processes[7].zombie
    assert observation.processes[7].namespaces.unreadable
    assert observation.networks == {}


def test_of_a_zombie_that_never_was_seen_alive_it_is_read_whose_it_is(fake: FakeProc, observer: Observer) -> None:
    fake.process(7, state="Z", cgroup=b"0::/pod/x\n", status=b"Name:\tx\nNSpid:\t7\t3\n")
    found = observer.observe().processes[7]
    assert (found.zombie, found.cgroup, found.namespace_pids, found.parent) == (True, "/pod/x", (7, 3), 1)


def test_what_was_read_of_a_process_is_kept_when_it_becomes_a_zombie(fake: FakeProc, observer: Observer) -> None:
    inside = {**POD, "pid": 17}
    fake.process(7, spaces=inside, cmdline=b"sleep\x009\x00", status=b"Name:\tx\nNSpid:\t7\t3\n")
    observer.observe()
    fake.process(7, spaces=inside, state="Z")
    found = observer.observe().processes[7]
    assert (found.zombie, found.command, found.namespace_pids) == (True, ("sleep", "9"), (7, 3))


def test_a_process_without_a_whole_stat_is_no_problem_and_comes_when_it_has_one(
    fake: FakeProc, observer: Observer
) -> None:
    fake.process(7, spaces=POD)
    whole = (fake.path / "7/stat").read_bytes()
    (fake.path / "7/stat").write_bytes(whole[:30])
    observation = observer.observe()
    assert 7 not in observation.processes
    assert observation.problems == ()
    (fake.path / "7/stat").write_bytes(whole)
    assert 7 in observer.observe().processes


def test_a_name_of_four_kilobytes_with_escapes_is_cut_and_harmless(fake: FakeProc, observer: Observer) -> None:
    fake.process(7, name=b"\x1b[2J)\n(" + b"n" * 4096, spaces=POD)
    name = observer.observe().processes[7].name
    assert name.startswith(r"\x1b[2J)\n(nnn")
    assert name.isprintable()
    assert len(name) <= 256


def test_a_folder_without_files_is_no_process(fake: FakeProc, observer: Observer) -> None:
    (fake.path / "8").mkdir()
    assert 8 not in observer.observe().processes


def test_addresses_come_from_files_where_no_visit_is_possible(fake: FakeProc, observer: Observer) -> None:
    fake.process(7, spaces=POD)
    fake.write("7/net/fib_trie", b"Local:\n  |-- 10.1.2.3\n     /32 host LOCAL\n")
    fake.write("7/net/if_inet6", b"fd000000000000000000000000000005 02 40 00 80 eth0\n")
    fake.write("7/net/dev", b"Inter-|\n face |\n    lo: 1 2\n  eth0: 1 2\n")
    observation = observer.observe()
    net = observation.processes[7].namespaces.net
    assert net is not None
    network = observation.networks[net]
    assert network.addresses == ("10.1.2.3", "fd00::5")
    assert (network.interfaces, network.source) == (("eth0", "lo"), "fib_trie")


def test_pins_come_from_the_mounts_of_each_mount_namespace(fake: FakeProc, observer: Observer) -> None:
    fake.process(7, spaces={**POD, "mnt": 4026533009})
    fake.write("7/mountinfo", b"40 30 0:4 net:[4026533000] /run/netns/a\\040b rw - nsfs nsfs rw\n")
    observation = observer.observe()
    (pin,) = observation.pins
    assert pin.path == "/run/netns/a b"
    assert pin.namespace == observation.processes[7].namespaces.net
    assert pin.pid == 7


def test_a_pin_that_is_seen_in_several_mount_namespaces_is_told_of_ours(fake: FakeProc, observer: Observer) -> None:
    own = os.stat("/proc/self/ns/mnt").st_ino
    for pid, mnt in ((7, 4026533009), (8, own), (9, 4026533010)):
        fake.process(pid, spaces={**POD, "mnt": mnt})
        fake.write(f"{pid}/mountinfo", b"40 30 0:4 net:[4026533000] /run/netns/a rw - nsfs nsfs rw\n")
    assert [(pin.path, pin.pid) for pin in observer.observe().pins] == [("/run/netns/a", None)]


def test_a_hostname_is_made_harmless(fake: FakeProc) -> None:
    fake.write("sys/kernel/hostname", b"\x1b]0;evil\x07" + b"h" * 4096 + b"\n")
    with closing(Observer(fake.host)) as observer:
        hostname = observer.observe().node.hostname
    assert hostname.isprintable()
    assert len(hostname) <= 256


def test_a_proc_that_can_not_be_listed_is_said(tmp_path: Path) -> None:
    with closing(Observer(HostRoot(str(tmp_path)))) as observer, pytest.raises(CannotLook, match="listing"):
        observer.observe()


def test_an_unknown_way_of_identifying_is_a_usage_error(fake: FakeProc) -> None:
    with pytest.raises(UsageError, match="ns_id, cookie, mntns_id, generation"):
        Observer(fake.host, identity="inode")


def test_the_variable_forces_a_way_and_must_be_a_way(fake: FakeProc, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAUSETUI_NS_IDENTITY", "guess")
    with pytest.raises(UsageError, match="guess"):
        Observer(fake.host)


PROCESSES = st.dictionaries(
    st.integers(2, 30),
    st.tuples(
        st.binary(max_size=15).filter(lambda name: b"\0" not in name),
        st.sampled_from("SRDZT"),
        st.integers(1, 3),
        st.sampled_from([0, 4026533000, 4026533001]),
    ),
    max_size=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(looks=st.lists(PROCESSES, min_size=1, max_size=4))
def test_after_any_history_the_picture_is_that_of_a_fresh_look(
    tmp_path_factory: pytest.TempPathFactory, looks: list[dict[int, tuple[bytes, str, int, int]]]
) -> None:
    fake = FakeProc(tmp_path_factory.mktemp("root"))
    fake.process(1, name=b"init", parent=0)
    with closing(Observer(fake.host)) as old:
        for look in looks:
            for pid in range(2, 31):
                fake.end(pid)
            for pid, (name, state, start, net) in look.items():
                spaces = {"net": net} if net else {}
                fake.process(pid, name=name, state=state, start=start, spaces=spaces)
            seen = old.observe()
        with closing(Observer(fake.host)) as fresh:
            expected = fresh.observe()
    assert seen.processes.keys() == expected.processes.keys()
    for pid, process in expected.processes.items():
        mine = seen.processes[pid]
        assert (mine.id, mine.name, mine.zombie) == (process.id, process.name, process.zombie)
        assert [one.label for one in mine.namespaces.known()] == [one.label for one in process.namespaces.known()]
