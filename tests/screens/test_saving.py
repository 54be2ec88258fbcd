from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from pausetui.screens.saving import CannotSave, save
from tests.scenes import line, picture, web


def test_snapshot_and_timeline_are_saved_as_json_and_as_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    seen = picture(web(), timeline=(line(web(), "IP 10.244.1.5 → 10.244.1.8"),))
    as_json, as_text = save(seen)
    assert as_json == tmp_path / "pausetui-20260314T140500Z.json"
    assert "default/web" in json.dumps(json.loads(as_json.read_text()))
    assert "10.244.1.8" in as_text.read_text()
    assert "10.244.1.8" in as_json.read_text()


def test_nobody_else_can_read_what_was_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    old = os.umask(0)
    try:
        files = save(picture())
    finally:
        os.umask(old)
    assert [stat.S_IMODE(path.stat().st_mode) for path in files] == [0o600, 0o600]


def test_nothing_is_ever_written_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    target = tmp_path / "precious"
    target.write_text("precious")
    (tmp_path / "pausetui-20260314T140500Z.json").symlink_to(target)
    as_json, _ = save(picture())
    assert as_json.name == "pausetui-20260314T140500Z-2.json"
    assert target.read_text() == "precious"


def test_where_the_folder_can_not_be_written_to_the_state_folder_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/proc")
    as_json, _ = save(picture(), {"XDG_STATE_HOME": str(tmp_path)})
    assert as_json.parent == tmp_path / "pausetui"


def test_where_neither_can_be_written_to_it_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/proc")
    with pytest.raises(CannotSave, match="saving what was seen"):
        save(picture(), {"XDG_STATE_HOME": "/proc"})
