"""What ``scripts/bench`` prints."""

from __future__ import annotations

import json
from importlib import import_module

import pytest

from benchmarks import crictl
from benchmarks.__main__ import MEASURED, as_json, as_table, main
from benchmarks.row import at_most, at_most_times

ROWS = [at_most_times("start", 30.0, 20.0, "ms", 1.6), at_most("idle", 201, "bytes", 200)]


def test_a_row_beside_a_peer_is_met_by_its_ratio_and_another_by_its_figure() -> None:
    assert [(row.ratio, row.met) for row in ROWS] == [(1.5, True), (None, False)]


def test_the_table_says_what_was_not_met() -> None:
    _, start, idle = as_table(ROWS).splitlines()
    assert (start.split()[-1], idle.split()[-1]) == ("yes", "NO")


def test_the_json_has_every_field_of_a_row() -> None:
    fields = {"name", "ours", "peer", "unit", "ratio", "goal", "met", "bound_by"}
    assert [set(row) for row in json.loads(as_json(ROWS))["rows"]] == [fields, fields]


def test_a_benchmark_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["speed"])
    assert "no such benchmark: speed" in capsys.readouterr().err


@pytest.mark.parametrize("name", MEASURED)
def test_every_benchmark_has_rows(name: str) -> None:
    assert callable(import_module(f"benchmarks.{name}").rows)


def test_a_minute_that_others_disturbed_is_measured_again_and_the_quietest_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    goes = [crictl.Spent(9.0, 0.0, 0.0, 90), crictl.Spent(0.5, 0.0, 0.0, 24), crictl.Spent(0.1, 0.0, 0.0, 20)]
    left = iter(goes)
    monkeypatch.setattr(crictl, "watched_once", lambda *_: next(left))
    assert crictl.watched(None, 1, lambda _: None) is goes[1]  # type: ignore[arg-type]  # nobody asks the node
