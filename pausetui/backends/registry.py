"""Which backends there are, and how to get one.

Ours are known by name. Others come with any installed package that has an entry point in the group
``pausetui.backends``: a class that is made with a ``HostRoot`` and fulfils ``base.Backend``.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, cast

from pausetui.backends.base import Backend
from pausetui.errors import UsageError
from pausetui.kernel.host import HostRoot

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "pausetui.backends"
"""The entry-point group."""

BUILT_IN: Mapping[str, str] = {
    "crictl": "pausetui.backends.crictl.backend:CrictlBackend",
    "docker": "pausetui.backends.docker.backend:DockerBackend",
    "lab": "pausetui.backends.lab:LabBackend",
    "podman": "pausetui.backends.docker.backend:PodmanBackend",
    "proc": "pausetui.backends.proc:ProcBackend",
}
"""The same as in pyproject.toml: here so that a checkout needs no installation, and a start no search."""

MakeBackend = Callable[[HostRoot], Backend]


def names() -> tuple[str, ...]:
    """The names of all backends, sorted. Imports none of them."""
    return tuple(sorted({*BUILT_IN, *_entry_points()}))


def load(name: str) -> MakeBackend:
    """The class of a backend.

    Raises:
        UsageError: There is none of this name, or it can't be imported.
    """
    target = BUILT_IN.get(name) or _target_of(name)
    module, _, attribute = target.partition(":")
    try:
        found = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, SyntaxError) as error:
        raise UsageError(f"loading the backend {name}", f"{target}: {error}", _known()) from error
    if not callable(found):
        raise UsageError(f"loading the backend {name}", f"{target} is no class", _known())
    return cast(MakeBackend, found)


def _target_of(name: str) -> str:
    entry_point = _entry_points().get(name)
    if entry_point is None:
        raise UsageError(f"loading the backend {name!r}", "there is none of this name", _known())
    return entry_point.value.partition("[")[0].strip()


def _known() -> str:
    return f"Known backends: {', '.join(names())}."


def _entry_points() -> dict[str, EntryPoint]:
    # Here, because it costs as much as the rest of the start (80 ms), and ours are found without.
    from importlib.metadata import entry_points

    return {found.name: found for found in entry_points(group=GROUP)}
