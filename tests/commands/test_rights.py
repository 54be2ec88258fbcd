import os
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pausetui.commands.rights import root_command


@pytest.fixture(autouse=True)
def _nothing_to_keep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTHONPATH", raising=False)


def installed(*programs: str) -> Callable[[str], str | None]:
    return lambda name: f"/usr/bin/{name}" if name in programs else None


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "some where" / "pausetui"
    path.parent.mkdir()
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_root_needs_no_other_command(program: Path) -> None:
    assert root_command([str(program)], euid=0, find=installed("sudo")) is None


def test_the_command_has_the_absolute_path_and_the_same_flags(
    program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(program.parent)
    command = root_command(["./pausetui", "--ascii", "-n", "a b"], euid=1000, find=installed("sudo", "su"))
    assert command is not None
    assert shlex.split(command) == ["sudo", str(program), "--ascii", "-n", "a b"]


def test_without_sudo_su_gets_the_command_as_one_word(program: Path) -> None:
    command = root_command([str(program), "-n", "it's"], euid=1000, find=installed("su"))
    assert command is not None
    su, option, inner = shlex.split(command)
    assert (su, option) == ("su", "-c")
    assert shlex.split(inner) == [str(program), "-n", "it's"]


def test_a_program_found_on_the_path_is_named_in_full(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(program.parent))
    command = root_command(["pausetui"], euid=1000, find=installed("sudo"))
    assert command is not None
    assert shlex.split(command) == ["sudo", str(program)]


@pytest.mark.parametrize("started_as", ["/lib/pausetui/__main__.py", "", "-c", "/gone/pausetui"])
def test_started_as_a_module_it_is_started_as_a_module_again(started_as: str) -> None:
    command = root_command([started_as, "snapshot"], euid=1000, find=installed("sudo"))
    assert command is not None
    assert shlex.split(command) == ["sudo", sys.executable, "-m", "pausetui", "snapshot"]
    assert os.path.isabs(sys.executable)


def test_what_sudo_would_drop_from_the_environment_is_in_the_command(program: Path) -> None:
    around = {"PAUSETUI_NS_IDENTITY": "cookie", "PYTHONPATH": "/some where", "HOME": "/root"}
    command = root_command([str(program)], euid=1000, environment=around, find=installed("sudo"))
    assert command is not None
    assert shlex.split(command) == [
        *("sudo", "env", "PYTHONPATH=/some where", "PAUSETUI_NS_IDENTITY=cookie"),
        str(program),
    ]
