import select
from collections.abc import Iterator
from dataclasses import replace

import pytest

from pausetui.commands.mailbox import Mailbox
from pausetui.core.changes import Change, ChangeKind, Event
from pausetui.core.snapshot import Snapshot
from pausetui.live.picture import Picture
from tests import factories


def event(seq: int) -> Event:
    return Event(seq, factories.NOW, Change(ChangeKind.POD_GONE, "k", "p", None, None, None, "gone"))


def is_readable(mailbox: Mailbox) -> bool:
    return bool(select.select([mailbox], [], [], 0)[0])


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    mailbox = Mailbox(most_waiting=4)
    yield mailbox
    mailbox.close()


FIRST, SECOND, THIRD = (factories.snapshot(seconds=place) for place in range(3))


def look(mailbox: Mailbox, snapshot: Snapshot, *seqs: int) -> None:
    """What the feed does in one look."""
    if seqs:
        mailbox.events(tuple(event(seq) for seq in seqs))
    mailbox.picture(Picture(snapshot))


def test_a_snapshot_comes_first_and_then_changes_only(mailbox: Mailbox) -> None:
    look(mailbox, FIRST)
    look(mailbox, SECOND, 1, 2)
    look(mailbox, THIRD, 3)
    assert mailbox.take() == [FIRST, event(1), event(2), event(3)]


def test_changes_that_the_first_snapshot_shows_already_are_left_out(mailbox: Mailbox) -> None:
    look(mailbox, FIRST, 1)
    look(mailbox, SECOND, 2)
    assert mailbox.take() == [FIRST, event(2)]


def test_the_first_snapshot_waits_until_the_runtime_has_answered(mailbox: Mailbox) -> None:
    look(mailbox, replace(FIRST, inventory_at=None))
    assert mailbox.take() == []
    look(mailbox, SECOND)
    assert mailbox.take() == [SECOND]


def test_a_runtime_that_fails_does_not_hold_up_the_first_snapshot(mailbox: Mailbox) -> None:
    failed = replace(FIRST, inventory_at=None, stale=True)
    look(mailbox, failed)
    assert mailbox.take() == [failed]


def test_what_a_runtime_names_that_answers_late_comes_as_a_snapshot(mailbox: Mailbox) -> None:
    failed = replace(FIRST, inventory_at=None, stale=True)
    look(mailbox, failed)
    look(mailbox, failed)
    look(mailbox, SECOND)
    look(mailbox, THIRD, 1)
    assert mailbox.take() == [failed, SECOND, event(1)]


def test_after_a_gap_comes_a_snapshot_in_place_of_the_changes(mailbox: Mailbox) -> None:
    look(mailbox, FIRST)
    mailbox.take()
    look(mailbox, SECOND, 1, 2)
    look(mailbox, THIRD, 3, 4, 5)
    assert mailbox.take() == [THIRD]
    look(mailbox, THIRD, 6)
    assert mailbox.take() == [event(6)]


def test_it_is_readable_exactly_while_something_waits(mailbox: Mailbox) -> None:
    assert not is_readable(mailbox)
    look(mailbox, FIRST)
    assert is_readable(mailbox)
    mailbox.take()
    assert not is_readable(mailbox)


def test_after_a_gap_nothing_is_left_to_be_read_for_ever(mailbox: Mailbox) -> None:
    look(mailbox, FIRST)
    mailbox.events(tuple(event(seq) for seq in range(9)))
    mailbox.take()
    assert not is_readable(mailbox)


def test_a_closed_mailbox_takes_no_more() -> None:
    mailbox = Mailbox()
    mailbox.close()
    look(mailbox, FIRST, 1)
    assert mailbox.take() == []
