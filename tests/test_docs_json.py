"""The examples of docs/json.md are what the program prints."""

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from pausetui.commands.schema import text
from pausetui.core.changes import ChangeKind
from pausetui.core.doctor.finding import CheckUp, Finding, FindingId
from pausetui.core.doctor.telling import to_json as check_up_to_json
from pausetui.core.observation import Problem
from pausetui.core.wire import event_from_json, event_to_json, snapshot_from_json, snapshot_to_json

PAGE = (Path(__file__).parent.parent / "docs" / "json.md").read_text(encoding="utf-8")
SNAPSHOT, CHANGES, CHECK_UP = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)


def test_the_example_of_a_snapshot_fits_the_schema_and_is_what_we_would_write() -> None:
    shown = json.loads(SNAPSHOT)
    Draft202012Validator(json.loads(text("snapshot"))).validate(shown)
    written = snapshot_to_json(snapshot_from_json(shown))
    listed = written.pop("namespaces")
    assert isinstance(listed, list)
    assert all(one in listed for one in shown.pop("namespaces"))
    assert written == shown


@pytest.mark.parametrize("line", CHANGES.splitlines())
def test_the_examples_of_changes_fit_the_schema_and_are_what_we_would_write(line: str) -> None:
    shown = json.loads(line)
    Draft202012Validator(json.loads(text("change"))).validate(shown)
    assert event_to_json(event_from_json(shown)) == shown


def test_the_example_of_a_check_up_fits_the_schema_and_is_what_we_would_write() -> None:
    shown = json.loads(CHECK_UP)
    Draft202012Validator(json.loads(text("doctor"))).validate(shown)
    findings = tuple(
        Finding(**{**one, "id": FindingId(one["id"]), "evidence": tuple(one["evidence"])})
        for one in shown["findings"]
    )
    problems = tuple(Problem(**one) for one in shown["problems"])
    at = datetime.fromisoformat(shown["at"])
    assert check_up_to_json(CheckUp(at, shown["backend"], shown["pods"], findings, problems)) == shown


def test_every_kind_of_change_is_explained() -> None:
    assert [kind for kind in ChangeKind if f"`{kind}`" not in PAGE] == []


def keys(rule: Any) -> set[str]:
    """Every key that a schema describes, at any depth."""
    if not isinstance(rule, dict):
        return set()
    own = set(rule.get("properties", {}))
    return own.union(*(keys(inner) for inner in rule.values()), *(keys(one) for one in rule.get("anyOf", ())))


@pytest.mark.parametrize("name", ["snapshot", "change", "doctor"])
def test_every_key_is_in_the_page(name: str) -> None:
    described = keys(json.loads(text(name)))
    assert len(described) > 10
    assert [key for key in sorted(described) if f"`{key}`" not in PAGE and f'"{key}"' not in PAGE] == []
