"""Who is in which namespace: all eight kinds of all containers of a pod, equal letters sharing one. Pure.

One cell is chosen: of the selected container, in one kind. Below the matrix is why that namespace is alive.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from pausetui.core.holding import Holding
from pausetui.core.namespaces import KINDS, NamespaceId, NamespaceKind
from pausetui.core.prose import BLANK, NEEDS_ROOT, Entry, Tone, heading, listed, quiet
from pausetui.core.sharing import HOST, UNKNOWN, holders, letters
from pausetui.core.snapshot import Container, Pod, Snapshot
from pausetui.core.tabs import nobodys_list, why
from pausetui.core.wording import addresses

WIDEST_NAME = 16
CELL = 6
NARROWEST_CELL = 4
NOT_LOOKED: Mapping[NamespaceId, Holding] = MappingProxyType({})


def entries(
    snapshot: Snapshot,
    pod: Pod,
    container: Container | None,
    kind: NamespaceKind = NamespaceKind.NET,
    holdings: Mapping[NamespaceId, Holding] = NOT_LOOKED,
) -> tuple[Entry, ...]:
    """The matrix of the pod, and below it why the chosen namespace is alive, and the others of that container.

    Args:
        snapshot: The machine now.
        pod: Of this pod.
        container: Whose cell is chosen; without one that of the pause, or else of the first member.
        kind: In which column.
        holdings: What was found to keep namespaces alive, where somebody looked.
    """
    shown = container or pod.pause or next(iter(pod.members), None)
    return (
        heading(f"Namespaces of {pod.title}"),
        quiet("[ ] choose a kind. Equal letters share one; host is the machine's own."),
        BLANK,
        *_matrix(snapshot, pod, shown, kind),
        *_pinned_alone(pod),
        BLANK,
        *(_about(snapshot, pod, shown, kind, holdings) if shown is not None else ()),
        *((BLANK, *nobodys_list.entries(snapshot, snapshot.unclaimed, holdings)) if snapshot.unclaimed else ()),
    )


def _about(
    snapshot: Snapshot,
    pod: Pod,
    container: Container,
    kind: NamespaceKind,
    holdings: Mapping[NamespaceId, Holding],
) -> Iterator[Entry]:
    namespace = container.namespaces.get(kind)
    holding = holdings.get(namespace) if namespace is not None else None
    yield from why.entries(snapshot, pod, container, kind, holding)
    yield BLANK
    yield from _identities(snapshot, pod, container)


def _matrix(snapshot: Snapshot, pod: Pod, chosen: Container | None, kind: NamespaceKind) -> Iterator[Entry]:
    containers = list(pod.containers())
    width = min(WIDEST_NAME, max((len(one.name) for one in containers), default=4))
    yield quiet(" " * width + "".join(f" {kind.value:<{NARROWEST_CELL}}" for kind in KINDS))
    table = {kind: letters(pod, snapshot.host, kind) for kind in KINDS}
    for one in containers:
        row = [table[kind][one.key] for kind in KINDS]
        cells = _cells(row, KINDS.index(kind) if chosen is not None and one.key == chosen.key else None)
        text = f"{one.name[:width]:<{width}}" + (f" {NEEDS_ROOT}" if one.cannot_read else cells)
        yield Entry(text, tone=Tone.BAD if one.key in pod.orphans else Tone.PLAIN)


def _cells(row: list[str], chosen: int | None) -> str:
    """The letters of one row below their kinds; the brackets around the chosen one take the place of blanks."""
    text = "".join(f" {letter:<{max(NARROWEST_CELL, len(kind))}}" for kind, letter in zip(KINDS, row, strict=True))
    if chosen is None:
        return text
    start = sum(max(NARROWEST_CELL, len(kind)) + 1 for kind in KINDS[:chosen])
    end = start + 1 + len(row[chosen])
    return f"{text[:start]}[{row[chosen]}]{text[end + 1 :]}"


def _pinned_alone(pod: Pod) -> Iterator[Entry]:
    """Namespaces of the pod that a pin keeps, though none of its containers is left to have them."""
    for pin in pod.pins:
        if all(one.namespaces.get(pin.kind) is None for one in pod.containers()):
            number = f"{pin.namespace.inode} " if pin.namespace is not None else ""
            inside = f", with {addresses(pod.addresses)}" if pin.kind is NamespaceKind.NET and pod.addresses else ""
            yield Entry(f"{number}is kept by the pin {pin.path} alone{inside}", f"{pin.kind:<{CELL}}", Tone.BAD)


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
        yield quiet(why.identity(namespace), " " * CELL)
    yield quiet("The number is reused by the kernel as soon as a namespace ends; the id is what tells two apart.")


def _whose(snapshot: Snapshot, pod: Pod, container: Container, namespace: NamespaceId) -> str:
    letter = letters(pod, snapshot.host, namespace.kind).get(container.key, UNKNOWN)
    if letter == HOST:
        return "the host's"
    others = holders(pod, namespace).without(container.name)
    return f"{letter}, shared with {listed(list(others))}" if others else f"{letter}, its own"
