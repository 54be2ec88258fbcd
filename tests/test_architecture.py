"""The folders are the architecture: what may import what, seen when it really is imported.

import-linter reads the sources (``lint-imports``, contracts in pyproject.toml); here the modules are imported in a
process of their own, so that an import inside a function that runs at import time is seen as well.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import pausetui

PACKAGE = Path(pausetui.__file__).parent
WITH_A_SCREEN = (
    "pausetui.app",
    "pausetui.messages",
    "pausetui.screens",
    "pausetui.widgets",
    "pausetui.commands.tui",
)
IMPORT_AND_LIST = """
import importlib, json, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
print(json.dumps(list(sys.modules)))
"""


def modules() -> list[str]:
    paths = (path.relative_to(PACKAGE.parent).with_suffix("") for path in sorted(PACKAGE.rglob("*.py")))
    names = (".".join(path.parts).removesuffix(".__init__") for path in paths)
    return [name for name in names if name != "pausetui.__main__"]


def headless(part: str) -> list[str]:
    return [
        name for name in modules() if name.startswith(f"pausetui.{part}") and not name.startswith(WITH_A_SCREEN)
    ]


def packages_loaded_by(*names: str) -> set[str]:
    """The top-level packages that a fresh interpreter has loaded after importing these modules."""
    result = subprocess.run(
        [sys.executable, "-c", IMPORT_AND_LIST, *names], capture_output=True, text=True, timeout=60, check=True
    )
    return {name.partition(".")[0] for name in json.loads(result.stdout)}


@pytest.mark.parametrize("part", ["core", "kernel", "lab", "backends", "live", "commands", "text", "errors"])
def test_what_has_no_screen_never_loads_the_screens_libraries(part: str) -> None:
    assert headless(part)
    assert packages_loaded_by(*headless(part)) & {"textual", "rich"} == set()


@pytest.mark.parametrize("part", ["core", "kernel", "lab", "backends", "live", "commands"])
def test_a_library_that_talks_to_the_system_is_loaded_only_where_it_is_used(part: str) -> None:
    assert packages_loaded_by(*headless(part)) & {"pyroute2", "psutil", "docker", "plumbum"} == set()


def test_the_screen_draws_without_the_labs_library() -> None:
    screens = [name for name in modules() if name.startswith(WITH_A_SCREEN)]
    assert "pyroute2" not in packages_loaded_by(*screens)


def test_the_core_needs_nothing_but_the_standard_library() -> None:
    assert packages_loaded_by(*headless("core")) - packages_loaded_by() - set(sys.stdlib_module_names) == {
        "pausetui"
    }
