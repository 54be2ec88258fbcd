"""Inode numbers come back; namespaces don't."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import closing

import pytest

from pausetui.core.namespaces import IdentifiedBy, NamespaceId, NamespaceKind
from pausetui.kernel.observer import Observer
from tests.real.spawn import python, sleeping
from tests.waiting import until

pytestmark = pytest.mark.real

MOST_ATTEMPTS = 2000
NET, UTS, MNT, IPC = NamespaceKind.NET, NamespaceKind.UTS, NamespaceKind.MNT, NamespaceKind.IPC


@pytest.fixture(params=list(IdentifiedBy))
def forced(request: pytest.FixtureRequest) -> IdentifiedBy:
    chosen: IdentifiedBy = request.param
    return chosen


@pytest.fixture
def observer(forced: IdentifiedBy) -> Iterator[Observer]:
    with closing(Observer(identity=forced.value)) as made:
        yield made


def namespace_of(observer: Observer, pid: int, kind: NamespaceKind) -> NamespaceId:
    found = observer.observe().processes[pid].namespaces.get(kind)
    assert found is not None
    return found


def two_with_one_inode(observer: Observer, kind: NamespaceKind, *, look_between: bool) -> tuple[NamespaceId, ...]:
    """Make and end namespaces until an inode number comes back: the old owner and the new."""
    seen: dict[int, NamespaceId] = {}
    for _ in range(MOST_ATTEMPTS):
        with sleeping(kind) as process:
            found = namespace_of(observer, process.pid, kind)
        if look_between:
            observer.observe()
        if found.inode in seen:
            return seen[found.inode], found
        seen[found.inode] = found
    raise AssertionError(f"no inode number came back in {MOST_ATTEMPTS} {kind} namespaces")


@pytest.mark.parametrize("kind", [NET, UTS, MNT])
@pytest.mark.parametrize("look_between", [True, False])
def test_a_recreated_namespace_is_called_another_one(
    observer: Observer, kind: NamespaceKind, look_between: bool
) -> None:
    old, new = two_with_one_inode(observer, kind, look_between=look_between)
    assert (old.inode, old.kind) == (new.inode, new.kind)
    assert old != new
    assert old.token != new.token


def test_the_same_namespace_stays_the_same(observer: Observer) -> None:
    with sleeping(*NamespaceKind) as process:
        first = observer.observe().processes[process.pid].namespaces
        again = [observer.observe().processes[process.pid].namespaces for _ in range(3)]
    assert again == [first] * 3


def test_the_way_that_was_asked_for_is_used(observer: Observer, forced: IdentifiedBy) -> None:
    covered = {
        IdentifiedBy.NS_ID: set(NamespaceKind),
        IdentifiedBy.COOKIE: {NET},
        IdentifiedBy.MNTNS_ID: {MNT},
        IdentifiedBy.GENERATION: set(),
    }[forced]
    with sleeping(*NamespaceKind) as process:
        found = observer.observe().processes[process.pid].namespaces
    for namespace in found.known():
        expected = forced if namespace.kind in covered else IdentifiedBy.GENERATION
        assert namespace.identified_by is expected
        assert (namespace.id is None) is (expected is IdentifiedBy.GENERATION)


def test_one_that_is_joined_later_is_the_same_for_both(observer: Observer) -> None:
    with sleeping(NET, UTS) as pause:
        before = observer.observe().processes[pause.pid].namespaces
        with sleeping(argv=("nsenter", "-n", "-u", "-t", str(pause.pid), "sleep", "infinity")) as joined:

            def both() -> bool:
                found = observer.observe().processes.get(joined.pid)
                return found is not None and (found.namespaces.net, found.namespaces.uts) == (
                    before.net,
                    before.uts,
                )

            until(both)


def test_a_namespace_outlives_the_one_that_made_it_while_somebody_is_in_it(observer: Observer) -> None:
    with sleeping(NET) as pause:
        before = namespace_of(observer, pause.pid, NET)
        with sleeping(argv=("nsenter", "-n", "-t", str(pause.pid), "sleep", "infinity")) as member:
            until(lambda: namespace_of(observer, member.pid, NET) == before)
            pause.kill()
            pause.wait()
            assert namespace_of(observer, member.pid, NET) == before


def test_a_process_that_gets_the_old_number_again_by_itself_is_told_by_its_id() -> None:
    code = """
import ctypes, os, signal
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
libc = ctypes.CDLL(None)
new_uts = lambda: libc.unshare(0x04000000) or os.readlink("/proc/self/ns/uts")
first = new_uts()
print(flush=True)
signal.sigwait({signal.SIGUSR1})
while new_uts() != first:
    pass
print(flush=True)
signal.pause()
"""
    with closing(Observer(identity="ns_id")) as observer, sleeping(argv=python(code)) as process:
        assert process.stdout is not None
        process.stdout.readline()
        before = namespace_of(observer, process.pid, UTS)
        process.send_signal(signal.SIGUSR1)
        process.stdout.readline()
        after = namespace_of(observer, process.pid, UTS)
    assert before.inode == after.inode
    assert before != after
