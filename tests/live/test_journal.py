"""What is on record of what was done."""

from __future__ import annotations

import json
import stat
from pathlib import Path

from pausetui.core.actions import Action, ActionKind, ActionOutcome, Offer
from pausetui.core.predict.offers import offer
from pausetui.live.journal import Journal, default_path
from tests import factories
from tests.factories import NOW


def made() -> tuple[Action, Offer]:
    pod = factories.pod()
    offered = offer(factories.snapshot(pod), ActionKind.DELETE_PAUSE, pod.key)
    assert isinstance(offered, Offer)
    action = Action("a1", offered.kind, pod.key, offered.container_key, offered.subject, offered.target)
    return action, offered


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_the_intent_is_on_record_with_what_was_predicted(tmp_path: Path) -> None:
    path = tmp_path / "state" / "journal.jsonl"
    action, offered = made()
    Journal(path, lambda: NOW).intent(action, offered)
    (line,) = lines(path)
    assert (line["step"], line["command"], line["predicted"]) == (
        "intent",
        "kill -KILL 1000",
        list(offered.effects),
    )


def test_a_refusal_is_on_record_as_a_refusal(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    Journal(path, lambda: NOW).outcome(ActionOutcome(made()[0], False, "it has ended by itself"))
    assert lines(path)[0]["step"] == "refused"


def test_the_journal_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    Journal(path, lambda: NOW).intent(*made())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_journal_that_cannot_be_written_is_a_problem_and_no_crash(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    journal = Journal(tmp_path / "file" / "journal.jsonl", lambda: NOW)
    journal.intent(*made())
    assert journal.problem is not None
    assert "not on record" in journal.problem.next


def test_a_link_put_in_the_journals_place_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "journal.jsonl").symlink_to(tmp_path / "elsewhere")
    journal = Journal(tmp_path / "journal.jsonl", lambda: NOW)
    journal.intent(*made())
    assert journal.problem is not None
    assert not (tmp_path / "elsewhere").exists()


def test_the_journal_lies_where_state_belongs() -> None:
    assert default_path({"XDG_STATE_HOME": "/x"}) == Path("/x/pausetui/journal.jsonl")
