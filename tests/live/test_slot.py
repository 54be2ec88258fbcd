from __future__ import annotations

from dataclasses import replace

from pausetui.core.actions import Action, ActionKind, ActionOutcome, Target
from pausetui.core.observation import ProcessId
from pausetui.live.slot import PictureSlot
from tests.scenes import picture

OUTCOME = ActionOutcome(
    Action("a1", ActionKind.DELETE_PAUSE, "p", "c", "web pause", Target(ProcessId(1, 1))), True, "sent"
)


def test_the_newest_picture_wins_and_wakes_once() -> None:
    slot, woken = PictureSlot(), []
    slot.attach(lambda: woken.append(1))
    first, second = picture(), picture()
    slot.put(first)
    slot.put(second)
    assert slot.take() is second
    assert woken == [1]
    assert slot.take() is None


def test_after_it_was_taken_the_next_picture_wakes_again() -> None:
    slot, woken = PictureSlot(), []
    slot.attach(lambda: woken.append(1))
    slot.put(picture())
    slot.take()
    slot.put(picture())
    assert woken == [1, 1]


def test_a_picture_that_came_before_the_screen_wakes_it_when_it_is_there() -> None:
    slot, woken = PictureSlot(), []
    slot.put(picture())
    slot.attach(lambda: woken.append(1))
    assert woken == [1]


def test_outcomes_of_a_picture_that_was_never_drawn_are_kept() -> None:
    slot = PictureSlot()
    slot.put(replace(picture(), outcomes=(OUTCOME,)))
    slot.put(picture())
    taken = slot.take()
    assert taken is not None
    assert taken.outcomes == (OUTCOME,)
