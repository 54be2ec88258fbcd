"""Who is in which namespace: all eight kinds of all containers of a pod, equal letters sharing one. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from pausetui.core.namespaces import KINDS, NamespaceId
from pausetui.core.prose import BLANK, NEEDS_ROOT, Entry, Tone, heading, listed, quiet
from pausetui.core.sharing import HOST, UNKNOWN, holders, letters
from pausetui.core.snapshot import Container, Pod, Snapshot

WIDEST_NAME = 16
CELL = 6
NARROWEST_CELL = 4


def entries(snapshot: Snapshot, pod: Pod, container: Container | None) -> tuple[Entry, ...]:
    """The matrix of the pod, and below it each namespace of the container (or of the pod) with its identity."""
    shown = container or pod.pause or next(iter(pod.members), None)
    return (
        heading(f"Namespaces of {pod.title}"),
        quiet("Equal letters share a namespace; host is the machine's own."),
        BLANK,
        *_matrix(snapshot, pod),
        BLANK,
        *(_identities(snapshot, pod, shown) if shown is not None else ()),
    )


def _matrix(snapshot: Snapshot, pod: Pod) -> Iterator[Entry]:
    containers = list(pod.containers())
    width = min(WIDEST_NAME, max((len(one.name) for one in containers), default=4))
    yield quiet(" " * width + "".join(f" {kind.value:<{NARROWEST_CELL}}" for kind in KINDS))
    table = {kind: letters(pod, snapshot.host, kind) for kind in KINDS}
    for one in containers:
        cells = "".join(f" {table[kind][one.key]:<{max(NARROWEST_CELL, len(kind))}}" for kind in KINDS)
        text = f"{one.name[:width]:<{width}}" + (f" {NEEDS_ROOT}" if one.cannot_read else cells)
        yield Entry(text, tone=Tone.BAD if one.key in pod.orphans else Tone.PLAIN)


def _identities(snapshot: Snapshot, pod: Pod, container: Container) -> Iterator[Entry]:
    yield heading(f"Those of {container.name}")
    if container.cannot_read:
        yield Entry(NEEDS_ROOT, tone=Tone.BAD)
        return
    for kind, namespace in container.namespaces.items():
        if namespace is None:
            yield quiet("not known", f"{kind:<6}")
            continue
        yield Entry(f"{namespace.inode}  {_whose(snapshot, pod, container, namespace)}", f"{kind:<6}")
        yield quiet(_identity(namespace), " " * CELL)
    yield quiet("The number is reused by the kernel as soon as a namespace ends; the id is what tells two apart.")


def _identity(namespace: NamespaceId) -> str:
    if namespace.id is not None:
        return f"id {namespace.id}, by {namespace.identified_by}"
    return f"no id from this kernel: seen to end {namespace.generation} times ({namespace.identified_by})"


def _whose(snapshot: Snapshot, pod: Pod, container: Container, namespace: NamespaceId) -> str:
    letter = letters(pod, snapshot.host, namespace.kind).get(container.key, UNKNOWN)
    if letter == HOST:
        return "the host's"
    others = holders(pod, namespace).without(container.name)
    return f"{letter}, shared with {listed(list(others))}" if others else f"{letter}, its own"
