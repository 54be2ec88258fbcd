"""Sessions for the screen in a real terminal, run as ``python -m tests.real.plays NAME``."""

from __future__ import annotations

import argparse
import os
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from unittest.mock import patch

os.environ["TEXTUAL_ANIMATIONS"] = "none"

from pausetui.commands.tui import draw
from pausetui.core.observation import Problem, ProcessId
from pausetui.core.snapshot import Container, Pod
from pausetui.live.picture import Picture
from pausetui.live.slot import PictureSlot
from pausetui.text import harmless
from tests.fakes import FakeSession
from tests.scenes import api, line, picture, web

SECRET = "hunter2-" + "in-a-local-variable"
PAYLOADS = (
    "\x1b]0;PWNED\x07",
    "\x1b[2J\x1b[31mPWNED",
    "\x9b2JPWNED",
    "[/b][red]PWNED[/nope] [b",
    "[@click=app.quit]PWNED[/]",
    "a\nb\r\nPWNED\tc\0d\x7f",
    "\u202edeppihs\u2066\u200b\u2028PWNED",
    "\udc80PWNED",
    "PWNED" * 1000,
    "日本\u0301語PWNED",
)


class Buggy(FakeSession):
    def look_now(self) -> None:
        password = SECRET
        raise ZeroDivisionError(f"{len(password)} characters")


class NoShell(FakeSession):
    """Where giving the terminal away goes wrong in a way that nobody thought of."""

    def is_there(self, process: ProcessId) -> bool:
        def broken(argv: Sequence[str], title: str) -> str:
            raise ZeroDivisionError(f"{len(argv)} words")

        patch("pausetui.screens.entering.lend_terminal", broken).start()
        return True


class Flood(FakeSession):
    """A new picture every few milliseconds, each with a screen full of changes."""

    def flood(self) -> None:
        number = 0
        while True:
            number += 1
            lines = tuple(line(web(), f"{number} {n} " + "x" * 60) for n in range(40))
            self.show(picture(replace(web(), addresses=(f"10.{number % 250}.0.1",)), api(), timeline=lines))
            time.sleep(0.005)


def hostile() -> Picture:
    pods = tuple(_hostile(web(), number, harmless(payload)) for number, payload in enumerate(PAYLOADS))
    problems = tuple(Problem(harmless(text), harmless(text), harmless(text), harmless(text)) for text in PAYLOADS)
    lines = tuple(line(each, harmless(text)) for each, text in zip(pods, PAYLOADS, strict=True))
    shown = picture(*pods, timeline=lines, problems=problems)
    return replace(
        shown, snapshot=replace(shown.snapshot, node=replace(shown.snapshot.node, hostname=pods[1].name))
    )


def _hostile(plain: Pod, number: int, text: str) -> Pod:
    assert plain.pause is not None
    key = f"k{number}"
    return replace(
        plain,
        key=key,
        name=text,
        namespace=f"n{number}",
        note=text,
        addresses=(f"10.0.0.{number}",),
        pause=_hostile_container(replace(plain.pause, evidence=(text,)), key, text),
        members=tuple(_hostile_container(member, key, text) for member in plain.members),
    )


def _hostile_container(plain: Container, pod_key: str, text: str) -> Container:
    processes = tuple(replace(process, name=text[:15]) for process in plain.processes)
    return replace(
        plain,
        key=f"{pod_key}/{plain.role}/{plain.name}",
        name=text if plain.name == "nginx" else plain.name,
        image=text,
        command=(text,),
        mounts=(text,),
        reason=text,
        runtime_id=text,
        processes=processes,
    )


def session(play: str) -> FakeSession:
    if play == "hostile":
        return FakeSession(hostile())
    kinds: dict[str, type[FakeSession]] = {"bug": Buggy, "flood": Flood, "no-shell": NoShell}
    return kinds.get(play, FakeSession)(picture(web(), api()))


def main(play: str) -> int:
    args = argparse.Namespace(ascii=False, read_only=False, namespace=None, mouse=play == "mouse")
    chosen, slot = session(play), PictureSlot()
    chosen.start(slot.put)
    if isinstance(chosen, Flood):
        threading.Thread(target=chosen.flood, daemon=True).start()
    return draw(args, chosen, slot, lab_is_possible=False).code


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
