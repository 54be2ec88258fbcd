"""What crictl can do to a pod: stop a member, stop a sandbox, remove it."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from pausetui.backends.crictl import answers
from pausetui.backends.crictl.failures import as_error, is_not_found
from pausetui.backends.crictl.finding import MARGIN, Found
from pausetui.backends.crictl.program import Ran
from pausetui.backends.crictl.reading import short
from pausetui.core.actions import Action, ActionKind
from pausetui.errors import ActionRefused, CannotLook

SANDBOX_SECONDS = 60.0
"""How long crictl waits for a sandbox to be stopped or removed: its network is taken down by other programs."""
_GONE = "the runtime does not know it any more"


@dataclass(frozen=True, slots=True)
class _Doing:
    """A command of crictl, and what it has done when it succeeds."""

    command: tuple[str, ...]
    done: str


_DOING = {
    ActionKind.STOP_SANDBOX: _Doing(("stopp",), "stopped"),
    ActionKind.REMOVE_SANDBOX: _Doing(("rmp", "-f"), "stopped and removed"),
}

BY_RUNTIME = frozenset({ActionKind.RESTART_MEMBER, *_DOING})
"""What the runtime is asked for; it has no restart, so a member is stopped and somebody makes it again."""


def perform(action: Action, runtime_id: str, found: Found) -> str:
    """Carry out an action of BY_RUNTIME, and say in words what was done.

    Raises:
        ActionRefused: The runtime doesn't know the id, or refused, in its words.
    """
    if action.kind is ActionKind.RESTART_MEMBER:
        grace = ceil(action.grace_seconds)
        doing = _Doing(("stop", "--timeout", str(grace)), "stopped")
        limit = found.timeout + grace
    else:
        doing, limit = _DOING[action.kind], max(SANDBOX_SECONDS, found.timeout)
    _check_that_it_is_there(action, runtime_id, found)
    shown = f"crictl {' '.join((*doing.command, short(runtime_id)))}…"
    # rmp of containerd and stop of crictl wait as long as their timeout says, and crictl's own is 2 s.
    ran = _run(action, found, "-t", f"{ceil(limit)}s", *doing.command, runtime_id, limit=limit + MARGIN)
    if ran.rc == 0:
        return f"{shown}: {doing.done}"
    if is_not_found(ran):
        raise ActionRefused(action.subject, _GONE)
    error = as_error(ran, shown, found.endpoint)
    raise ActionRefused(action.subject, f"{shown}: {error.why}", error.next_step)


def _check_that_it_is_there(action: Action, runtime_id: str, found: Found) -> None:
    """containerd 2 answers "stopped" for ids that it doesn't know, so its lists are asked first."""
    of_container = action.kind is ActionKind.RESTART_MEMBER
    command = ("ps", "-a") if of_container else ("pods",)
    ran = _run(action, found, *command, "-o", "json", "--id", runtime_id, limit=found.timeout + MARGIN)
    if ran.rc != 0:
        error = as_error(ran, " ".join(command), found.endpoint)
        raise ActionRefused(action.subject, error.why, error.next_step)
    try:
        there = answers.containers(ran.out).good if of_container else answers.sandboxes(ran.out).good
    except CannotLook as error:
        raise ActionRefused(action.subject, str(error)) from error
    if not there:
        raise ActionRefused(action.subject, _GONE)


def _run(action: Action, found: Found, *args: str, limit: float) -> Ran:
    try:
        return found.program.run(*args, timeout=limit)
    except CannotLook as error:
        raise ActionRefused(action.subject, error.why, error.next_step) from error
