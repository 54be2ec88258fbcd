"""``pausetui`` without a command: the screen.

The session starts before Textual is imported, so that the first picture is there when the screen is: the
import takes longer than the first look.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace

from pausetui.commands import choose, crash, output, rights
from pausetui.core.hidden import hides_something
from pausetui.core.only import is_of_namespace, only_namespace
from pausetui.errors import UsageError
from pausetui.kernel.host import HostRoot
from pausetui.kernel.observer import Observer
from pausetui.live.picture import Picture, Session
from pausetui.live.session import LiveSession
from pausetui.live.slot import PictureSlot
from pausetui.text import Glyphs, glyphs_for

USE_SNAPSHOT = "To print what there is, use: pausetui snapshot"
TOO_DUMB = frozenset({"dumb", "unknown"})
NAMES = ("stdin", "stdout", "stderr")


@dataclass(frozen=True, slots=True)
class Ended:
    """How the screen ended: with which exit code, and whether the lab was asked for."""

    code: int
    wants_lab: bool = False


def run(args: argparse.Namespace) -> int:
    """Open the screen and return the exit code when it ends.

    Raises:
        UsageError: This is no terminal, or not one that can show a screen.
        CannotLook: The backend, the kernel or the lab could not be made ready.
    """
    check_terminal(os.environ, os.isatty)
    os.environ["TEXTUAL_ANIMATIONS"] = "none"
    host = choose.host_root(args)
    while True:
        ended = _open(args, host)
        if not ended.wants_lab:
            return ended.code
        args.lab = True


def check_terminal(environment: Mapping[str, str], isatty: Callable[[int], bool]) -> None:
    """Refuse what cannot show a screen.

    Raises:
        UsageError: One of the three streams is no terminal, or TERM says that it can't move its cursor.
    """
    for descriptor, name in enumerate(NAMES):
        if not isatty(descriptor):
            raise UsageError("opening the screen", f"{name} is not a terminal", USE_SNAPSHOT)
    term = environment.get("TERM", "")
    if term in TOO_DUMB:
        raise UsageError("opening the screen", f"a terminal of the kind TERM={term} can't show it", USE_SNAPSHOT)


def _open(args: argparse.Namespace, host: HostRoot) -> Ended:
    with ExitStack() as stack:
        if args.lab:
            # Here, because only the lab needs it.
            from pausetui.lab import owner

            lab = stack.enter_context(owner.start())
            _import_screen()  # while the lab comes up
            lab.wait_started()
            args.backend = "lab"
        session = LiveSession(choose.switch(args, host), Observer(host), read_only=args.read_only, host=host)
        slot = PictureSlot()
        stack.callback(session.stop)
        session.start(_listener(slot, args.namespace))
        return draw(args, session, slot, lab_is_possible=not args.lab and host == HostRoot())


def draw(args: argparse.Namespace, session: Session, slot: PictureSlot, *, lab_is_possible: bool) -> Ended:
    """Open the screen on a running session and say how it ended; a crash has been reported by then."""
    _import_screen()
    from pausetui.app import OPEN_LAB, PauseTui
    from pausetui.screens.terminal import Ending

    command = rights.root_command()
    app = PauseTui(
        session,
        glyphs=terminal_glyphs(ascii_only=args.ascii),
        slot=slot,
        read_only=args.read_only,
        root_command=command,
        lab=lab_is_possible,
        namespace=args.namespace,
    )
    app.on_drawn = _collect_garbage_from_now
    with Ending(app.end_with) as ending:
        app.on_end = ending.watch
        app.run(mouse=args.mouse)
    if app.lost_terminal:
        _let_go_of_the_terminal()
    if app.crash is not None:
        sys.stderr.write(crash.report(app.crash))
        return Ended(crash.EXIT_CODE)
    ended = Ended(app.return_code or 0, wants_lab=app.return_value == OPEN_LAB)
    if command and ended == Ended(0) and app.picture is not None and hides_something(app.picture.snapshot):
        # Once more where it can be copied whole, however narrow the terminal.
        output.say(rights.to_see_the_rest(command))
    return ended


def _import_screen() -> None:
    """Import Textual and what is made of it."""
    import pausetui.app  # noqa: F401 - for its being imported


def _collect_garbage_from_now() -> None:
    """What is there by now stays: no collection needs to look at it again."""
    gc.freeze()
    gc.enable()


def _let_go_of_the_terminal() -> None:
    """Let the interpreter's last flush go nowhere: failing, it would change the exit code to 120."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(len(NAMES)):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)


def terminal_glyphs(*, ascii_only: bool) -> Glyphs:
    """What the terminal can show; Textual writes to stderr, so its encoding counts."""
    encoding = sys.__stderr__.encoding if sys.__stderr__ is not None else None
    return glyphs_for(encoding, ascii_only=ascii_only)


def _listener(slot: PictureSlot, namespace: str | None) -> Callable[[Picture], None]:
    if namespace is None:
        return slot.put
    return lambda picture: slot.put(in_namespace(picture, namespace))


def in_namespace(picture: Picture, namespace: str) -> Picture:
    """What a picture holds of one Kubernetes namespace, and of the machine as a whole."""
    shown = only_namespace(picture.snapshot, namespace)
    return replace(
        picture,
        snapshot=shown,
        elsewhere=len(picture.snapshot.pods) - len(shown.pods),
        timeline=tuple(line for line in picture.timeline if is_of_namespace(line.event.change, namespace)),
        gone=tuple(one for one in picture.gone if one.pod.namespace == namespace),
    )
