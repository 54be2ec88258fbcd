import os
import shlex
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import pausetui
from pausetui.commands.rights import KEPT, root_command


@pytest.fixture(autouse=True)
def _nothing_to_keep(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*KEPT, "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)


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


def test_whoever_looks_at_an_engine_of_the_own_has_root_look_at_that(
    program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1500)
    path, variable = tmp_path / "run/podman/podman.sock", "CONTAINER_HOST"
    path.parent.mkdir(parents=True)
    os.mknod(path, stat.S_IFSOCK | 0o600)
    around = {"XDG_RUNTIME_DIR": str(tmp_path / "run"), "HOME": str(tmp_path)}
    command = root_command([str(program)], euid=1500, environment=around, find=installed("sudo"))
    assert command is not None
    assert f"{variable}=unix://{path}" in shlex.split(command)
    told = {**around, variable: "unix:///run/x.sock"}
    command = root_command([str(program)], euid=1500, environment=told, find=installed("sudo"))
    assert command is not None
    assert f"{variable}=unix:///run/x.sock" in shlex.split(command)


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


def test_found_in_the_current_folder_alone_it_is_found_from_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    place = Path(pausetui.__file__).parent.parent
    monkeypatch.chdir(place)
    alone = root_command(["-m"], euid=1000, find=installed("sudo"), search=["", "/usr/lib/python3"])
    installed_too = root_command(["-m"], euid=1000, find=installed("sudo"), search=["", str(place)])
    assert alone is not None
    assert installed_too is not None
    assert f"PYTHONPATH={place}" in shlex.split(alone)
    assert "PYTHONPATH" not in installed_too


def test_installed_for_one_user_it_is_found_by_root_too(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = str(Path(pausetui.__file__).parent.parent)
    monkeypatch.setattr("site.getusersitepackages", lambda: place)
    command = root_command([str(program)], euid=1000, find=installed("sudo"))
    assert command is not None
    assert shlex.split(command) == ["sudo", "env", f"PYTHONPATH={place}", str(program)]


def test_a_relative_folder_in_the_environment_is_named_in_full(program: Path) -> None:
    command = root_command([str(program)], euid=1000, environment={"PYTHONPATH": "lib"}, find=installed("sudo"))
    assert command is not None
    assert f"PYTHONPATH={Path('lib').absolute()}" in shlex.split(command)


def test_what_sudo_would_drop_from_the_environment_is_in_the_command(program: Path) -> None:
    dropped = {"PAUSETUI_NS_IDENTITY": "cookie", "PAUSETUI_LAB": "mine", "PYTHONPATH": "/some where"}
    around = {**dropped, "HOME": "/root"}
    command = root_command([str(program)], euid=1000, environment=around, find=installed("sudo"))
    assert command is not None
    assert shlex.split(command) == [
        *("sudo", "env", "PYTHONPATH=/some where", "PAUSETUI_LAB=mine", "PAUSETUI_NS_IDENTITY=cookie"),
        str(program),
    ]
