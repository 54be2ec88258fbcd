"""What was done with this program: one line for each intent, each outcome, and what was seen to follow.

A line is JSON. The file is ``$XDG_STATE_HOME/pausetui/journal.jsonl`` (``~/.local/state`` without it), readable
by its owner only. It is only ever added to.
"""

from __future__ import annotations

import getpass
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pausetui.core.actions import Action, ActionOutcome, Offer
from pausetui.core.changes import Event
from pausetui.core.observation import Problem, ProcessId

if TYPE_CHECKING:  # a start does without it
    from pausetui.core.network import ProbeResult

PROBE = "probe"


def default_path(environment: Mapping[str, str] = os.environ) -> Path:
    """Where the journal is kept."""
    home = environment.get("XDG_STATE_HOME") or os.path.join(os.path.expanduser("~"), ".local", "state")
    return Path(home, "pausetui", "journal.jsonl")


def _who(environment: Mapping[str, str]) -> str:
    behind_sudo = environment.get("SUDO_USER")
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = f"uid {os.getuid()}"
    return f"{name} (sudo from {behind_sudo})" if behind_sudo else name


class Journal:
    """Writes the journal. A journal that can't be written never stops an action: ``problem`` says so."""

    def __init__(self, path: Path | None = None, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._path = path or default_path()
        self._now = now
        self._who = _who(os.environ)
        self.problem: Problem | None = None

    def intent(self, action: Action, offer: Offer) -> None:
        """Before anything is sent: what is about to be done, to whom, and what was predicted."""
        process = action.target.process if action.target else None
        target = {
            "pid": process.pid if process else None,
            "start_ticks": process.start_ticks if process else None,
            "runtime_id": action.runtime_id,
        }
        self._act(action, "intent", command=offer.command, target=target, predicted=list(offer.effects))

    def outcome(self, outcome: ActionOutcome) -> None:
        """What became of it: that it was sent, or why not."""
        self._act(outcome.action, "sent" if outcome.done else "refused", text=outcome.text)

    def observed(self, action: Action, events: tuple[Event, ...]) -> None:
        """What was seen on the pod after it."""
        for event in events:
            self._act(
                action,
                "observed",
                seconds_after=event.seconds_after,
                change=event.change.kind.value,
                text=event.change.text,
            )

    def probe_asked(self, number: str, subject: str, what: str, process: ProcessId) -> None:
        """Before a connection is made from inside a network: which, and through which process that is reached."""
        target = {"pid": process.pid, "start_ticks": process.start_ticks}
        self._write(number, PROBE, subject, "intent", text=what, target=target)

    def probe_told(self, number: str, subject: str, results: Sequence[ProbeResult]) -> None:
        """What came of it, for each address."""
        for one in results:
            self._write(number, PROBE, subject, "observed", **asdict(one))

    def _act(self, action: Action, step: str, **more: object) -> None:
        self._write(action.id, action.kind.value, action.subject, step, **more)

    def _write(self, number: str, action: str, subject: str, step: str, **more: object) -> None:
        line = {
            "at": self._now().isoformat(),
            "who": self._who,
            "action_id": number,
            "action": action,
            "subject": subject,
            "step": step,
            **more,
        }
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(
                self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600
            )
            with open(descriptor, "a", encoding="utf-8") as file:
                file.write(json.dumps(line, ensure_ascii=True) + "\n")
        except OSError as error:
            why = error.strerror or str(error)
            self.problem = Problem("journal", f"writing {self._path}", why, "what is done now is not on record")
