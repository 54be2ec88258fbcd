"""Which backends there are, with and without other people's."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from pausetui.backends import registry
from pausetui.backends.proc import ProcBackend
from pausetui.errors import PausetuiError


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> dict[str, EntryPoint]:
    """The entry points of other people's packages; empty."""
    found: dict[str, EntryPoint] = {}
    monkeypatch.setattr(registry, "_entry_points", lambda: found)
    return found


def entry_point(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, value, registry.GROUP)


def test_ours_are_known_without_any_installation(installed: dict[str, EntryPoint]) -> None:
    assert registry.names() == ("crictl", "docker", "lab", "podman", "proc")
    assert registry.load("proc") is ProcBackend


def test_ours_are_those_of_the_package() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    assert project["entry-points"][registry.GROUP] == registry.BUILT_IN


def test_other_peoples_are_found_by_their_entry_points(installed: dict[str, EntryPoint]) -> None:
    installed["mine"] = entry_point("mine", "pausetui.backends.proc:ProcBackend")
    assert registry.names() == ("crictl", "docker", "lab", "mine", "podman", "proc")
    assert registry.load("mine") is ProcBackend


def test_an_unknown_name_is_told_with_those_that_are_known(installed: dict[str, EntryPoint]) -> None:
    with pytest.raises(PausetuiError, match=r"'crio'.*none of this name.*Known backends: crictl, docker, lab"):
        registry.load("crio")


def test_a_backend_that_cannot_be_imported_is_told_with_the_reason(installed: dict[str, EntryPoint]) -> None:
    installed["broken"] = entry_point("broken", "no_such_module_anywhere:Backend")
    with pytest.raises(PausetuiError, match=r"broken.*No module named 'no_such_module_anywhere'"):
        registry.load("broken")


def test_a_backend_that_is_not_in_its_module_is_told(installed: dict[str, EntryPoint]) -> None:
    installed["broken"] = entry_point("broken", "pausetui.backends.proc:Nothing")
    with pytest.raises(PausetuiError, match="Nothing"):
        registry.load("broken")


def test_a_listing_imports_no_backend_and_a_start_does_no_search() -> None:
    program = (
        "import sys\n"
        "from pausetui.backends import registry\n"
        "registry.load('proc')\n"
        "assert 'importlib.metadata' not in sys.modules\n"
        "del sys.modules['pausetui.backends.proc']\n"
        "registry.names()\n"
        "assert not {'pausetui.backends.proc', 'pausetui.backends.lab'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).parents[2])
