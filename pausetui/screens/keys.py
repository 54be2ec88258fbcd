"""Every key of the main screen, once: bindings, the key bar, help and palette are made from this list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from textual.binding import Binding

from pausetui.core.actions import SIGNALS, ActionKind


@dataclass(frozen=True, slots=True)
class Key:
    """One thing that a key does.

    Attributes:
        id: What a keymap calls it.
        keys: Textual's names of the keys, separated by commas.
        action: The action of the main screen.
        shown: The keys as the user reads them.
        what: What it does, for help and palette.
        short: What it does in one or two words, for the key bar; "" for not there.
        changes: It changes something on the machine (after a confirmation).
        palette: It makes sense to choose it from the palette.
    """

    id: str
    keys: str
    action: str
    shown: str
    what: str
    short: str = ""
    changes: bool = False
    palette: bool = True


MOVING = (
    Key("down", "j,down", "move(1)", "j ↓", "down one row or line", palette=False),
    Key("up", "k,up", "move(-1)", "k ↑", "up one row or line", palette=False),
    Key("page-down", "pagedown,ctrl+f", "page(1)", "PgDn", "down one page", palette=False),
    Key("page-up", "pageup,ctrl+u", "page(-1)", "PgUp", "up one page", palette=False),
    Key("top", "g,home", "end(-1)", "g", "to the first row", palette=False),
    Key("bottom", "G,end", "end(1)", "G", "to the last row", palette=False),
    Key("unfold", "l,right", "right", "l →", "unfold, then go in; in the details the next tab", palette=False),
    Key("fold", "h,left", "left", "h ←", "fold, then go to the pod; in the details the tab before", palette=False),
    Key("toggle", "space", "toggle_fold", "space", "fold or unfold", palette=False),
    Key("unfold-all", "plus", "fold_all(True)", "+", "unfold everything"),
    Key("fold-all", "minus", "fold_all(False)", "-", "fold everything"),
    Key("pane", "tab", "pane(1)", "tab", "to the next pane", palette=False),
    Key("pane-back", "shift+tab", "pane(-1)", "shift+tab", "to the pane before", palette=False),
)
SEEING = (
    Key("open", "enter", "open", "enter", "open the details of the selected row", "details"),
    Key("details", "d", "details", "d", "show or hide the details"),
    Key("tab", "1,2,3,4,5,6", "", "1…6", "choose what the details are about", palette=False),
    Key("kind", "right_square_bracket", "kind(1)", "]", "choose a namespace of the row: why it is alive"),
    Key("kind-back", "left_square_bracket", "kind(-1)", "[", "the kind of namespace before", palette=False),
    Key("filter", "slash", "filter", "/", "show only what contains the words typed", "filter"),
    Key("wrong", "exclamation_mark", "only_wrong", "!", "show only pods with something wrong, or all", "wrong"),
    Key("next", "n", "match(1)", "n", "to the next match, or the next pod with something wrong"),
    Key("previous", "N", "match(-1)", "N", "to the match before"),
    Key("timeline", "t", "timeline", "t", "timeline of all pods, or of the selected one"),
    Key("freeze", "p", "freeze", "p", "freeze the picture, or let it go on", "freeze"),
    Key("backends", "b", "app.backends", "b", "where pods are read from: crictl, Docker, Podman, the lab, /proc"),
    Key("doctor", "c", "app.doctor", "c", "check-up: what is wrong on this machine, and what to do"),
    Key("look-now", "ctrl+r", "app.look_now", "ctrl+r", "ask runtime and kernel again now"),
    Key("back", "escape", "back", "esc", "one step back: filter, details, timeline", palette=False),
)
DOING = (
    Key("restart", "r", "app.act('restart-member')", "r", "restart the selected member", "restart", changes=True),
    Key("kill", "K", "app.act('kill-member')", "K", "kill the selected member", "kill", changes=True),
    Key(
        "delete",
        "ctrl+d",
        "app.act('delete-pause')",
        "ctrl+d",
        "delete the pod's pause",
        "delete pause",
        changes=True,
    ),
    Key("stop", "S", "app.act('stop-sandbox')", "S", "stop the pod's sandbox through the runtime", changes=True),
    Key(
        "remove",
        "D",
        "app.act('remove-sandbox')",
        "D",
        "stop and remove the pod's sandbox through the runtime",
        changes=True,
    ),
    Key("stop-member", "T", "app.act('stop-member')", "T", "stop the selected member", changes=True),
    Key("start", "a", "app.start", "a", "start the selected member, or the pod's pause", changes=True),
    Key(
        "rejoin",
        "J",
        "app.act('rejoin')",
        "J",
        "restart or start what a dead pause left behind",
        changes=True,
    ),
)
NEEDS: Mapping[str, frozenset[ActionKind]] = {
    "restart": frozenset({ActionKind.RESTART_MEMBER}),
    "kill": frozenset({ActionKind.KILL_MEMBER}),
    "delete": frozenset({ActionKind.DELETE_PAUSE}),
    "stop": frozenset({ActionKind.STOP_SANDBOX}),
    "remove": frozenset({ActionKind.REMOVE_SANDBOX}),
    "stop-member": frozenset({ActionKind.STOP_MEMBER}),
    "start": frozenset({ActionKind.START_MEMBER, ActionKind.START_SANDBOX}),
    "rejoin": frozenset({ActionKind.REJOIN}),
}
"""What the backend has to be able to do, all of it, for a key to be there."""

ENTERING = (
    Key("shell", "s", "app.enter('member')", "s", "a shell in the selected member", "shell", changes=True),
    Key(
        "shell-network",
        "e",
        "app.enter('network')",
        "e",
        "a shell in the pod's network, with this machine's tools",
        changes=True,
    ),
    Key(
        "probe",
        "P",
        "app.probe",
        "P",
        "try a port of localhost from inside; who listens can notice",
        changes=True,
    ),
)
TAKING = (
    Key("copy", "y", "app.copy", "y", "copy the name and ids of the selected row"),
    Key("copy-command", "Y", "app.copy_command", "Y", "copy the shell command for the selected row"),
    Key("save", "ctrl+s", "app.save", "ctrl+s", "save what was seen, to send to a colleague", "save"),
)
LAB = Key(
    "lab",
    "L",
    "app.lab",
    "L",
    "where there are no pods, open the lab: real pods on this machine, without Kubernetes",
    "open the lab",
)
PROGRAM = (
    Key(
        "palette",
        "colon,ctrl+p",
        "app.palette",
        ": ctrl+p",
        "find a command by its name",
        "commands",
        palette=False,
    ),
    Key("help", "question_mark", "app.help", "?", "all the keys", "help"),
    Key("quit", "q", "app.quit", "q", "quit", "quit"),
)

GROUPS = (
    ("Seeing", SEEING),
    ("Doing, each after a confirmation", DOING),
    ("Going inside, which --read-only rules out", ENTERING),
    ("Taking along", TAKING),
    ("The program", (*PROGRAM, LAB)),
    ("Moving", MOVING),
)
ALL = tuple(key for _, keys in GROUPS for key in keys)
BAR = ("lab", "help", "filter", "open", "restart", "delete", "wrong", "freeze", "save", "palette", "kill", "quit")


def bindings() -> list[Binding]:
    """The bindings of the main screen."""
    numbers = [Binding(str(n), f"tab({n - 1})", f"tab {n}", id=f"tab-{n}", show=False) for n in range(1, 7)]
    return [Binding(key.keys, key.action, key.what, id=key.id, show=False) for key in ALL if key.action] + numbers


def available(*, pods: bool, read_only: bool, lab: bool, can: frozenset[ActionKind] = SIGNALS) -> tuple[Key, ...]:
    """The keys that do something now.

    Args:
        pods: There are pods to do something with.
        read_only: Nothing may be changed.
        lab: The lab is offered.
        can: What the backend can do.
    """
    without = {key.id for key in ALL if key.changes and (read_only or not NEEDS.get(key.id, frozenset()) <= can)}
    if not pods:
        of_pods = {key.id for key in (*SEEING, *DOING, *ENTERING, *MOVING)} | {"copy", "copy-command"}
        without |= of_pods - {"look-now", "back", "backends", "doctor"}
    if not lab:
        without.add(LAB.id)
    return tuple(key for key in ALL if key.id not in without)


def bar(keys: tuple[Key, ...]) -> tuple[tuple[str, str], ...]:
    """What the key bar shows of these keys, the most important first."""
    by_id = {key.id: key for key in keys}
    return tuple((by_id[name].shown.split()[0], by_id[name].short) for name in BAR if name in by_id)
