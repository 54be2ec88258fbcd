"""What is said of what may not be read, to whom."""

from __future__ import annotations

from pathlib import Path

import pytest

from pausetui.kernel.processes import ProcFolder
from pausetui.kernel.rights import why_refused

WHOLE_MACHINE = "         0          0 4294967295\n"
EVERYTHING, WITHOUT_PTRACE = "000001ffffffffff", "00000000a80425fb"


@pytest.fixture
def proc(tmp_path: Path) -> ProcFolder:
    (tmp_path / "self").mkdir()
    return ProcFolder(str(tmp_path))


def said(
    proc: ProcFolder,
    patch: pytest.MonkeyPatch,
    *,
    euid: int = 0,
    uids: str = WHOLE_MACHINE,
    capabilities: str = EVERYTHING,
) -> tuple[str, str]:
    patch.setattr("os.geteuid", lambda: euid)
    folder = Path(proc.path) / "self"
    (folder / "uid_map").write_text(uids)
    (folder / "status").write_text(f"Name:\tx\nCapPrm:\t0000000000000000\nCapEff:\t{capabilities}\n")
    return why_refused(proc)


def test_others_are_told_to_be_root(proc: ProcFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(proc, monkeypatch, euid=65534) == ("Permission denied", "run as root")


def test_root_is_not_told_to_be_root(proc: ProcFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(proc, monkeypatch) == ("Permission denied, even for root", "")


def test_root_of_a_container_is_told_which_capability_it_lacks(
    proc: ProcFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    why, what_next = said(proc, monkeypatch, capabilities=WITHOUT_PTRACE)
    assert "SYS_PTRACE" in why
    assert "--cap-add SYS_PTRACE" in what_next


def test_root_of_a_user_namespace_is_told_that_it_is_not_the_machines(
    proc: ProcFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    why, what_next = said(proc, monkeypatch, uids="         0      65534          1\n")
    assert "user namespace" in why
    assert what_next == "run as the machine's root"


def test_where_nothing_is_known_of_our_rights_nothing_is_claimed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert why_refused(ProcFolder(str(tmp_path / "none"))) == ("Permission denied, even for root", "")
