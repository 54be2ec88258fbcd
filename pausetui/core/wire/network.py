"""The network inside a pod as a JSON value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum

from pausetui.core.json_value import Json
from pausetui.core.network import NetworkView
from pausetui.core.wire.problem import problem_to_json

_NOT_WRITTEN = frozenset({"net", "read_at", "problems"})
"""The namespace stands in ``namespaces.net`` already, the time has no meaning outside this run."""


def network_to_json(view: NetworkView | None) -> Json:
    """A view by the names of its fields; null if nobody looked inside. What could not be read is null in it."""
    if view is None:
        return None
    written = _written(view)
    assert isinstance(written, dict)
    return {**written, "problems": [problem_to_json(one) for one in view.problems]}


def _written(value: object) -> Json:
    if is_dataclass(value):
        kept = (each.name for each in fields(value) if each.name not in _NOT_WRITTEN)
        return {name: _written(getattr(value, name)) for name in kept}
    if isinstance(value, Mapping):
        return {str(key): _written(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [_written(each) for each in value]
    if isinstance(value, Enum):
        return str(value.value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"{type(value).__name__} has no JSON form")
