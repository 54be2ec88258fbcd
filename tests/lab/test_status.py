from __future__ import annotations

from typing import Any

import pytest

from pausetui.core.observation import Problem
from pausetui.errors import NotOurFormat
from pausetui.lab.scenarios import SCENARIOS
from pausetui.lab.status import SCHEMA, line, parsed, pods_as_json, status_from_json
from tests.factories import NOW
from tests.lab.machines import Supervised


@pytest.fixture
def lab() -> Supervised:
    """A lab in which much has happened: restarts, a remade pod, an init container that has ended."""
    lab = Supervised(*SCENARIOS.values())
    lab.end("init/setup", 0)
    lab.end("web/web")
    lab.end("web/web", 256)
    lab.end("mesh/pause")
    lab.wait(0.5)
    return lab


def document(lab: Supervised, problems: tuple[Problem, ...] = ()) -> dict[str, Any]:
    about = {"schema": SCHEMA, "pid": 7, "owner": None, "started_at": NOW, "version": "0.1.0"}
    return {**about, **pods_as_json(lab.kubelet.records(), lab.kubelet.waiting(), problems)}


def test_what_is_told_is_what_is_understood(lab: Supervised) -> None:
    problem = Problem("backend:lab", "members have no /proc of their own", "Operation not permitted")
    status = status_from_json(parsed(line(document(lab, (problem,)))))
    assert status.pods == lab.kubelet.records()
    assert status.waiting == lab.kubelet.waiting()
    assert status.problems == (problem,)
    assert (status.pid, status.owner, status.started_at, status.version) == (7, None, NOW, "0.1.0")


def test_it_is_one_line(lab: Supervised) -> None:
    assert line(document(lab)).count(b"\n") == 1


@pytest.mark.parametrize(
    "change",
    [
        {"schema": "pausetui.lab/2"},
        {"pid": "x"},
        {"pods": [{}]},
        {"pods": None},
        {"started_at": "yesterday"},
        {"pods": [{"unknown": 1}]},
    ],
)
def test_what_another_version_says_is_refused_with_what_to_do(lab: Supervised, change: dict[str, Any]) -> None:
    with pytest.raises(NotOurFormat, match="pausetui lab down"):
        status_from_json(parsed(line({**document(lab), **change})))


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\xff", b"null"])
def test_what_is_no_json_object_is_refused(data: bytes) -> None:
    with pytest.raises(NotOurFormat):
        parsed(data)


def test_names_are_made_harmless(lab: Supervised) -> None:
    told = parsed(line(document(lab)))
    told["pods"][0]["name"] = "\x1b[2J"
    assert status_from_json(told).pods[0].name == "\\x1b[2J"
