"""Namespaces that are nobody's, each with what removes its pins and who else has to let go of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from pausetui.core.held import Keeper, keepers_of_nobodys
from pausetui.core.holding import Holding
from pausetui.core.namespaces import NamespaceId
from pausetui.core.nobodys import where
from pausetui.core.prose import Entry, Tone, heading, listed, quiet
from pausetui.core.snapshot import Snapshot, Unclaimed
from pausetui.core.tabs.why import not_asked
from pausetui.core.unclaimed import to_end

CELL = 6


def entries(
    snapshot: Snapshot, unclaimed: Iterable[Unclaimed], holdings: Mapping[NamespaceId, Holding]
) -> Iterator[Entry]:
    """Each with its pins, its addresses, what removes the pins, and who else holds it.

    Args:
        snapshot: The machine now.
        unclaimed: Those to tell of.
        holdings: What was found to keep namespaces alive, where somebody looked.
    """
    shown = tuple(unclaimed)
    yield heading("Nobody's namespaces on this machine")
    yield quiet("No process is in them and no pod has them; a pod that is being made is so for a moment, too.")
    if any(one.namespace not in holdings for one in shown):
        yield quiet("Whoever else holds one, as by an open descriptor, keeps it alive without its pin, too.")
    for one in shown:
        yield Entry(f"{one.namespace.inode} {where(one)}", f"{one.namespace.kind:<{CELL}}")
        yield from (_below(to_end(one, path), Tone.COMMAND) for path in one.paths)
        holding = holdings.get(one.namespace)
        if holding is not None:
            yield from _others(keepers_of_nobodys(snapshot, holding))
            yield from not_asked(holding)


def _others(found: Sequence[Keeper]) -> Iterator[Entry]:
    yield from (_below(f"{label} {text}", Tone.BAD) for one in found for label, text in one.how)
    if found:
        is_one = len(found) == 1 and found[0].ends.endswith("s")
        who = f"{listed([one.name for one in found])} {'has' if is_one else 'have'}"
        yield _below(f"{who} to let go of it, too: until then it lives on without its pin")


def _below(text: str, tone: Tone = Tone.PLAIN) -> Entry:
    return Entry(text, " " * CELL, tone)
