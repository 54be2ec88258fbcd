"""What ``crictl stats`` and ``crictl statsp`` say that is used. Pure."""

from __future__ import annotations

from pausetui.backends.crictl.reading import Items, identity, listed, maybe, moment, whole
from pausetui.core.inventory import Usage
from pausetui.core.json_value import At

_NANO = 1_000_000_000


def of_containers(text: str) -> dict[str, Usage]:
    """What each container uses, by id; ``crictl stats -o json``. One that can't be read is left out.

    Raises:
        CannotLook: It is not what crictl prints, and where.
    """
    return _by_id(listed(text, "crictl stats -o json", "stats", _container))


def of_sandboxes(text: str) -> dict[str, Usage]:
    """What each whole pod uses, by its sandbox's id; ``crictl statsp -o json``.

    Raises:
        CannotLook: It is not what crictl prints, and where.
    """
    return _by_id(listed(text, "crictl statsp -o json", "stats", _sandbox))


def _by_id(items: Items[tuple[str, Usage | None]]) -> dict[str, Usage]:
    return {id_: usage for id_, usage in items.good if usage is not None}


def _container(at: At) -> tuple[str, Usage | None]:
    return identity(at, "attributes", "id"), _usage(at)


def _sandbox(at: At) -> tuple[str, Usage | None]:
    return identity(at, "attributes", "id"), _usage(maybe(at, "linux"))


def _usage(at: At | None) -> Usage | None:
    """None where nothing was measured: exited containers are listed, too."""
    cpu, memory = maybe(at, "cpu"), maybe(at, "memory")
    nanoseconds = whole(cpu, "usageCoreNanoSeconds", "value")
    size = whole(memory, "workingSetBytes", "value")
    if nanoseconds is None and size is None:
        return None
    return Usage(
        at=moment(cpu, "timestamp") or moment(memory, "timestamp"),
        cpu_seconds=None if nanoseconds is None else nanoseconds / _NANO,
        memory_bytes=size,
        writable_bytes=whole(at, "writableLayer", "usedBytes", "value"),
    )
