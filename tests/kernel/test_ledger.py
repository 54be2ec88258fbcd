"""The ledger against a kernel whose truth is known: numbers come back, identities don't."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pausetui.core.namespaces import IdentifiedBy, NamespaceId, NamespaceKind
from pausetui.kernel.ledger import Ledger
from tests.kernel.fake_kernel import FakeKernel, FakeReader, Looker, Uts

NS_ID, GENERATION = IdentifiedBy.NS_ID, IdentifiedBy.GENERATION
Step = tuple[str, int]

STEPS = st.lists(st.tuples(st.sampled_from(["start", "join", "end", "look"]), st.integers(0, 7)), max_size=40)
STEPS_AND_UNSHARE = st.lists(
    st.tuples(st.sampled_from(["start", "join", "end", "unshare", "look", "look some"]), st.integers(0, 7)),
    max_size=40,
)


def do(looker: Looker, step: Step) -> None:
    kernel, (what, choice) = looker.kernel, step
    pids = sorted(kernel.inside)
    chosen = pids[choice % len(pids)] if pids else None
    if what == "start" or chosen is None:
        kernel.start(None)
    elif what == "join":
        kernel.start(chosen)
    elif what == "end":
        kernel.end(chosen)
    elif what == "unshare":
        kernel.unshare(chosen)


def identity(looker: Looker, pid: int) -> NamespaceId:
    found = looker.ledger.namespaces(pid).uts
    assert found is not None
    return found


@given(STEPS_AND_UNSHARE)
def test_whoever_was_read_is_known_by_the_true_id(steps: list[Step]) -> None:
    looker = Looker(FakeKernel(), NS_ID)
    for step in [*steps, ("look", 0)]:
        if step[0].startswith("look"):
            read = looker.look(None if step[0] == "look" else {100 + step[1]})
            assert {pid: identity(looker, pid).id for pid in read} == {
                pid: looker.kernel.inside[pid].number for pid in read
            }
        else:
            do(looker, step)


@given(
    STEPS_AND_UNSHARE, st.lists(st.tuples(st.integers(0, 60), st.sampled_from(["start", "join", "end", "unshare"])))
)
def test_what_happens_while_we_look_never_makes_us_say_what_was_never_true(
    steps: list[Step], interruptions: list[tuple[int, str]]
) -> None:
    kernel = FakeKernel()
    looker = Looker(kernel, NS_ID)
    planned = sorted(interruptions)
    asked = 0

    def meanwhile() -> None:
        nonlocal asked
        asked += 1
        while planned and planned[0][0] < asked:
            do(looker, (planned.pop(0)[1], asked))

    for step in [*steps, ("look", 0)]:
        if step[0].startswith("look"):
            kernel.meanwhile = meanwhile
            read = looker.look(None if step[0] == "look" else {100 + step[1]})
            kernel.meanwhile = lambda: None
            for pid in read:
                true = {uts.number for uts in kernel.history[pid]}
                assert identity(looker, pid).id in true
        else:
            do(looker, step)


@given(STEPS)
def test_generations_tell_apart_what_numbers_do_not(steps: list[Step]) -> None:
    looker = Looker(FakeKernel(), GENERATION)
    truths: dict[NamespaceId, Uts] = {}
    before: dict[int, NamespaceId] = {}
    for step in [*steps, ("look", 0)]:
        if step[0] != "look":
            do(looker, step)
            continue
        now = {pid: identity(looker, pid) for pid in looker.look()}
        for pid, found in now.items():
            assert truths.setdefault(found, looker.kernel.inside[pid]) == looker.kernel.inside[pid]
            assert before.get(pid, found) == found
        before = now


def test_a_number_that_comes_back_between_two_looks_is_another_generation() -> None:
    kernel = FakeKernel()
    looker = Looker(kernel, GENERATION)
    old = kernel.start(None)
    looker.look()
    before = identity(looker, old)
    kernel.end(old)
    new = kernel.start(None)
    looker.look()
    after = identity(looker, new)
    assert (before.inode, before.generation) == (after.inode, 0)
    assert after.generation == 1


def test_a_number_that_changes_hands_while_we_look_is_noticed_in_the_same_look() -> None:
    kernel = FakeKernel()
    looker = Looker(kernel, NS_ID)
    first, second = kernel.start(None), kernel.start(None)
    number = kernel.inside[first].inode
    asked: list[int] = []

    def meanwhile() -> None:
        asked.append(1)
        if len(asked) == 3:  # the label and the id of the first were read; next is the label of the second
            kernel.end(first)
            kernel.unshare(second)

    kernel.meanwhile = meanwhile
    looker.look()
    assert kernel.inside[second].inode == number
    assert identity(looker, second).id == kernel.inside[second].number


def test_one_that_moves_between_its_label_and_its_identity_is_read_again() -> None:
    kernel = FakeKernel()
    looker = Looker(kernel, NS_ID)
    pid = kernel.start(None)
    kernel.start(pid)  # so that the number stays taken
    asked: list[int] = []

    def meanwhile() -> None:
        asked.append(1)
        if len(asked) == 2:
            kernel.unshare(pid)

    kernel.meanwhile = meanwhile
    looker.look()
    assert identity(looker, pid).id == kernel.inside[pid].number


@pytest.mark.parametrize("way", [NS_ID, GENERATION])
def test_one_that_left_unnoticed_is_read_again_when_another_shows_its_number(way: IdentifiedBy) -> None:
    kernel = FakeKernel()
    looker = Looker(kernel, way)
    old = kernel.start(None)
    looker.look()
    before = identity(looker, old)
    kernel.inside[old] = Uts(9, 4026532999)
    new = kernel.start(None)
    looker.look({new})
    assert identity(looker, new).inode == before.inode
    assert identity(looker, new) != before
    assert identity(looker, old).inode == 4026532999


def test_a_holder_whose_number_has_another_owner_vouches_for_nothing() -> None:
    kernel = FakeKernel()
    looker = Looker(kernel, GENERATION)
    looker.ledger = Ledger(kernel, FakeReader(kernel, GENERATION), same=lambda _: False)
    old = kernel.start(None)
    looker.look()
    before = identity(looker, old)
    new = kernel.start(old)
    looker.look()
    assert identity(looker, new) != before


def test_a_namespace_that_is_handed_on_before_its_first_holder_ends_stays_the_same() -> None:
    kernel = FakeKernel()
    looker = Looker(kernel, GENERATION)
    first = kernel.start(None)
    looker.look()
    before = identity(looker, first)
    second = kernel.start(first)
    looker.look()
    kernel.end(first)
    looker.look()
    assert identity(looker, second) == before


def test_a_pin_alone_keeps_a_generation() -> None:
    kernel = FakeKernel()
    looker = Looker(kernel, GENERATION)
    first = kernel.start(None)
    looker.look()
    before = identity(looker, first)
    label = before.label.encode()
    assert looker.ledger.pin(label, "36 /run/netns/a", None) == before
    uts = kernel.inside[first]
    kernel.end(first)
    looker.look()
    late = kernel.start(None)
    kernel.inside[late] = uts
    looker.look()
    assert identity(looker, late) == before


def test_without_its_pin_the_number_has_a_new_owner() -> None:
    kernel = FakeKernel()
    looker = Looker(kernel, GENERATION)
    first = kernel.start(None)
    looker.look()
    before = identity(looker, first)
    label = before.label.encode()
    looker.ledger.pin(label, "36 /run/netns/a", None)
    kernel.end(first)
    looker.look()
    looker.ledger.unpin(label, "36 /run/netns/a")
    late = kernel.start(None)
    looker.look()
    assert identity(looker, late).inode == before.inode
    assert identity(looker, late) != before


def test_a_label_that_is_none_is_not_known() -> None:
    kernel = FakeKernel()
    looker = Looker(kernel, NS_ID)
    looker.ledger.hold(1, (b"net:[none]", None, None, None, None, None, None, b"nonsense:[1]"))
    assert looker.ledger.settle() == set()
    assert looker.ledger.namespaces(1).unreadable
    assert looker.ledger.pin(b"mnt:(4026531840)", "1 /x", None) is None


def test_the_initial_namespaces_are_read_once() -> None:
    kernel = FakeKernel()
    looker = Looker(kernel, NS_ID)
    pid = kernel.start(None)
    kernel.inside[pid] = Uts(1, 0xEFFFFFFE)
    looker.look()
    calls = 0

    def meanwhile() -> None:
        nonlocal calls
        calls += 1

    kernel.meanwhile = meanwhile
    looker.look()
    assert calls == 1
    assert identity(looker, pid) == NamespaceId(NamespaceKind.UTS, 0xEFFFFFFE, 1, NS_ID)
