"""``pausetui lab``, as far as it needs no lab: what is refused before anything is started or ended."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from pausetui.commands.main import main
from pausetui.errors import CannotLook
from pausetui.lab import client, owner


@pytest.fixture
def acted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What would have been done."""
    done: list[str] = []

    def up(scenarios: list[str]) -> None:
        done.append("up")
        raise CannotLook("starting the lab", "this is a test")

    monkeypatch.setattr(owner, "start_detached", up)
    monkeypatch.setattr(client, "down", lambda: done.append("down"))
    return done


@pytest.mark.parametrize("arguments", [["--read-only", "lab"], ["--readonly", "lab"]])
@pytest.mark.parametrize("verb", ["up", "down"])
def test_read_only_starts_and_ends_no_lab(
    verb: str, arguments: list[str], acted: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments, verb]) == 2
    assert acted == []
    assert f"--read-only allows no action. Say it without: pausetui lab {verb}" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["lab", "--read-only", "down"], ["lab", "down", "--read-only"]])
def test_read_only_is_understood_before_and_after_the_verb(arguments: list[str], acted: list[str]) -> None:
    assert main(arguments) == 2
    assert acted == []


@pytest.mark.parametrize("verb", ["up", "down"])
def test_without_it_they_act(verb: str, acted: list[str]) -> None:
    main(["lab", verb])
    assert acted == [verb]


def test_read_only_may_ask_for_the_status(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(client, "document", lambda: {"pods": []})
    assert main(["--read-only", "lab", "status", "-o", "json"]) == 0
    assert capfd.readouterr().out == '{"pods":[]}\n'


def test_a_python_that_may_not_be_executed_is_named_and_is_no_bug(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    python = tmp_path / "python"
    python.write_text("no program")
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setenv("PAUSETUI_LAB", "never-up")
    before = set(os.listdir("/proc/self/fd"))
    assert main(["lab", "up", "web"]) == 2
    assert f"{python}: Permission denied" in capsys.readouterr().err
    assert set(os.listdir("/proc/self/fd")) == before
