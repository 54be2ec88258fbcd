"""What an engine tells of its own accord: its stream of events, listened to anew when it ends."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing

from pausetui.backends.docker.client import Client
from pausetui.core.json_value import At
from pausetui.errors import CannotLook, NotOurFormat

_SOON, _LATE = 0.5, 8.0
"""Seconds until the engine is tried again: first, and after many times in vain."""
_NOISE = ("exec_", "top", "attach", "detach", "resize", "health_status", "exec")
"""Events of what changes nothing that is shown; a check of health every few seconds makes three of them."""


def changes(connect: Callable[[], Client], told_of: Callable[[str], None], stop: threading.Event) -> Iterator[None]:
    """Yield when we begin to listen and when the engine says that something happened, until ``stop`` is set.

    What happened before we listened, or while the engine was away, nobody tells.

    Args:
        connect: Makes a client of its own for the stream; raises CannotLook while there is no engine.
        told_of: Is told the id of the container that it happened to.
        stop: Looked at twice a second.
    """
    wait = _SOON
    while not stop.is_set():
        try:
            with closing(connect()) as client, closing(client.events(stop)) as events:
                yield
                wait = _SOON
                for event in events:
                    if _is_news(event, told_of):
                        yield
        except CannotLook:
            wait = min(_LATE, wait * 2)
        stop.wait(wait)


def _is_news(event: At, told_of: Callable[[str], None]) -> bool:
    """Whether an event changes what is shown; what can't be read may."""
    try:
        action = event["Action"].text()
        if action.startswith(_NOISE):
            return False
        actor = event["Actor"]
        if event["Type"].text() == "container":
            told_of(actor["ID"].text())
        else:
            told_of(actor["Attributes"]["container"].text())
    except NotOurFormat:
        return True
    return True
