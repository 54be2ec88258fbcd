"""What is said on a machine where no pods are found. Pure."""

from __future__ import annotations

from pausetui.core import nobodys
from pausetui.core.prose import BLANK, NEEDS_ROOT, Entry, Tone, heading, quiet
from pausetui.core.snapshot import Snapshot
from pausetui.live.holding import Held

WHERE = {
    "proc": "No processes here share namespaces the way the containers of a pod do.",
    "lab": "The lab runs on this machine, but has no pods.",
}


def entries(
    snapshot: Snapshot,
    root_command: str | None,
    *,
    lab: bool,
    namespace: str | None = None,
    elsewhere: int = 0,
    held: Held | None = None,
) -> tuple[Entry, ...]:
    """What was looked at, what could not be seen, and what to do now.

    Args:
        namespace: The Kubernetes namespace that alone is shown, or None for all.
        elsewhere: How many pods of other namespaces there are.
        held: What was found to keep namespaces alive, if somebody looked.
    """
    if snapshot.inventory_at is None and not snapshot.stale:
        return (BLANK, heading(f"Looking for pods on {snapshot.node.hostname}"))
    problems = tuple(
        entry
        for problem in snapshot.problems
        for entry in (
            Entry(f"{problem.what}: {problem.why}", tone=Tone.BAD),
            *((Entry(problem.next, tone=Tone.COMMAND),) if problem.next else ()),
        )
    )
    rights = (
        (BLANK, Entry(f"Not everything could be read ({NEEDS_ROOT}). To see the rest:"), _command(root_command))
        if root_command and not any(root_command in problem.next for problem in snapshot.problems)
        else ()
    )
    offer = (
        BLANK,
        heading("To see real pods without Kubernetes or a container engine"),
        Entry("The lab makes them on this machine, and takes them away again when it ends:"),
        _command("pausetui --lab"),
        *((quiet("or press L here"),) if lab else ()),
    )
    return (
        BLANK,
        *_none(snapshot, namespace, elsewhere),
        *((BLANK, heading("What could not be seen"), *problems) if problems else ()),
        *rights,
        *(_nobodys(snapshot, held) if snapshot.unclaimed and not elsewhere else ()),
        *(offer if snapshot.backend != "lab" and not elsewhere else ()),
    )


def _nobodys(snapshot: Snapshot, held: Held | None) -> tuple[Entry, ...]:
    from pausetui.core.tabs import nobodys_list

    holdings = held.holdings if held is not None and held.key == nobodys.ALL else {}
    return (BLANK, *nobodys_list.entries(snapshot, snapshot.unclaimed, holdings))


def _none(snapshot: Snapshot, namespace: str | None, elsewhere: int) -> tuple[Entry, ...]:
    if namespace is None or not elsewhere:
        where = f" in the namespace {namespace}, and none in others" if namespace is not None else ""
        told = WHERE.get(snapshot.backend, f"{snapshot.backend} answered that it has none.")
        return (heading(f"No pods on {snapshot.node.hostname}{where}"), Entry(told))
    return (
        heading(f"No pods in the namespace {namespace} on {snapshot.node.hostname}; {elsewhere} in others"),
        Entry("To see them all, quit (q) and start again without:"),
        _command(f"-n {namespace}"),
    )


def _command(text: str) -> Entry:
    return Entry(text, "   ", tone=Tone.COMMAND)
