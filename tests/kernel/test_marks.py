"""Marks of networks that may not be read: who has which, and what is read behind them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pausetui.core.namespaces import NamespaceKind
from pausetui.core.observation import NetMark
from pausetui.kernel.marked import INTERVAL, YOUNG_INTERVAL, MarkedNetworks
from pausetui.kernel.marks import Marks
from pausetui.kernel.processes import ProcFolder
from tests.factories import ns

FIB_TRIE = b"           |-- 10.1.2.3\n              /32 host LOCAL\n"
INIT, POD, OTHER = 1, 7, 8


class Machine(ProcFolder):
    """A /proc in which only networks are shown, each by its number; counts how often one is read."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self.shown: dict[int, int] = {INIT: 100}
        self.tries = FIB_TRIE
        self.reads = 0

    def net_inode(self, pid: int) -> int | None:
        return self.shown.get(pid)

    def read_all(self, name: str, most: int) -> bytes | None:
        self.reads += name.endswith("fib_trie")
        return self.tries if name.endswith("fib_trie") else b""


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture
def marks(machine: Machine) -> Marks:
    return Marks(machine)


def read(marks: Marks, machine: Machine, pid: int, inode: int) -> NetMark | None:
    machine.shown[pid] = inode
    marks.read(pid)
    return marks.of(pid)


def test_processes_in_one_network_have_one_mark(marks: Marks, machine: Machine) -> None:
    assert read(marks, machine, POD, 5) == read(marks, machine, OTHER, 5) == NetMark(5)


def test_a_number_that_comes_back_after_its_last_process_is_another_mark(marks: Marks, machine: Machine) -> None:
    first = read(marks, machine, POD, 5)
    marks.release(POD)
    assert read(marks, machine, OTHER, 5) != first


def test_a_mark_stays_while_any_process_has_it(marks: Marks, machine: Machine) -> None:
    first = read(marks, machine, POD, 5)
    read(marks, machine, OTHER, 5)
    marks.release(POD)
    assert read(marks, machine, POD, 5) == first


def test_a_process_that_moved_has_the_mark_of_where_it_is(marks: Marks, machine: Machine) -> None:
    read(marks, machine, POD, 5)
    assert read(marks, machine, POD, 6) == NetMark(6)
    assert list(marks.holders()) == [(NetMark(6), POD)]


def test_a_process_that_shows_nothing_has_no_mark(marks: Marks, machine: Machine) -> None:
    read(marks, machine, POD, 5)
    del machine.shown[POD]
    marks.read(POD)
    assert marks.of(POD) is None


def test_a_mark_is_never_taken_for_a_namespace() -> None:
    assert NetMark(5).token not in {ns(NamespaceKind.NET, 5).token, f"net:{5}.0", f"net:{5}"}


@given(st.lists(st.tuples(st.integers(2, 5), st.sampled_from([None, 5, 6]))))
def test_whatever_happens_equal_numbers_are_equal_marks_and_no_mark_is_without_a_process(
    steps: list[tuple[int, int | None]],
) -> None:
    machine = Machine(Path("/nowhere"))
    marks = Marks(machine)
    for pid, inode in steps:
        if inode is None:
            machine.shown.pop(pid, None)
        else:
            machine.shown[pid] = inode
        marks.read(pid)
        found = {each: marks.of(each) for each in range(2, 6)}
        assert {each: mark.inode for each, mark in found.items() if mark} == {
            each: number for each, number in machine.shown.items() if each != INIT
        }
        assert len({mark for mark in found.values() if mark}) == len(set(machine.shown.values()) - {100})
        assert {mark for mark, _ in marks.holders()} == {mark for mark in found.values() if mark}


# -- what is behind them -----------------------------------------------------------------------------------------


@pytest.fixture
def networks(machine: Machine, marks: Marks) -> MarkedNetworks:
    read(marks, machine, INIT, 100)
    read(marks, machine, POD, 5)
    return MarkedNetworks(machine, marks)


def look(networks: MarkedNetworks, now: float = 0.0) -> None:
    networks.look({}, ns(NamespaceKind.NET, 900), now)


def test_the_address_of_a_hidden_network_is_told(networks: MarkedNetworks) -> None:
    look(networks)
    assert {mark.inode: found.addresses for mark, found in networks.value.items()} == {5: ("10.1.2.3",)}


def test_the_hosts_network_is_named_and_not_read(networks: MarkedNetworks) -> None:
    look(networks)
    assert networks.host == NetMark(100)
    assert networks.known == {NetMark(100): ns(NamespaceKind.NET, 900)}


def test_a_network_that_may_be_read_through_another_process_is_that_one(
    networks: MarkedNetworks, machine: Machine
) -> None:
    machine.shown[OTHER] = 5
    own = ns(NamespaceKind.NET, 10)
    networks.look({own: OTHER}, ns(NamespaceKind.NET, 900), 0.0)
    assert networks.known[NetMark(5)] == own
    assert networks.value == {}


def test_where_nothing_is_hidden_nothing_is_read(machine: Machine) -> None:
    networks = MarkedNetworks(machine, Marks(machine))
    look(networks)
    assert (networks.host, networks.known, networks.value, machine.reads) == (None, {}, {}, 0)


def reads_until(networks: MarkedNetworks, machine: Machine, *moments: float) -> Iterator[int]:
    for now in moments:
        look(networks, now)
        yield machine.reads


def test_an_address_is_read_again_every_few_seconds_only(networks: MarkedNetworks, machine: Machine) -> None:
    moments = (0, 0.1, INTERVAL - 0.1, INTERVAL, INTERVAL + 0.1)
    assert list(reads_until(networks, machine, *moments)) == [1, 1, 1, 2, 2]


def test_the_first_address_of_a_new_network_is_not_waited_for_so_long(
    networks: MarkedNetworks, machine: Machine
) -> None:
    machine.tries = b""
    moments = (0, YOUNG_INTERVAL / 2, YOUNG_INTERVAL, 30, 30 + YOUNG_INTERVAL)
    assert list(reads_until(networks, machine, *moments)) == [1, 1, 2, 3, 3]


def test_what_was_read_of_a_process_that_moved_meanwhile_is_not_believed(
    networks: MarkedNetworks, machine: Machine
) -> None:
    machine.shown[POD] = 6
    look(networks)
    assert networks.value == {}


def test_a_network_without_processes_is_forgotten(networks: MarkedNetworks, marks: Marks) -> None:
    look(networks)
    marks.release(POD)
    look(networks, 1.0)
    assert networks.value == {}
