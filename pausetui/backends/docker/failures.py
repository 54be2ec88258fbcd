"""What an engine's failures mean, and what to do about them.

The SDK wraps what went wrong in exceptions of its own, of requests and of urllib3; what the kernel said is looked
for inside, and what the engine itself said is taken as it is.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator

from pausetui.backends.docker.endpoints import Endpoint
from pausetui.core.hidden import NO_PERMISSION
from pausetui.errors import CannotLook, NoPermission
from pausetui.text import harmless

_LONGEST = 400
"""Characters of a complaint that are kept."""
_DEEPEST = 12


class NotFound(CannotLook):
    """The engine does not know what it was asked about (any more)."""


class Dropped(CannotLook):
    """The connection ended before the answer did. One that was kept may have been closed since it was last used."""


class TimedOut(CannotLook):
    """The engine did not answer in time."""


def as_error(error: BaseException, doing: str, endpoint: Endpoint, timeout: float) -> CannotLook:
    """Why a question was not answered.

    Args:
        error: What the SDK raised.
        doing: What was done, for the message ("listing the containers").
        endpoint: Who was asked.
        timeout: How many seconds were waited for.
    """
    found = tuple(_inside(error))
    names = {type(one).__name__ for one in found}
    said = _said(found)
    number = next((one.errno for one in found if isinstance(one, OSError) and one.errno), None)
    where = endpoint.url
    if "NotFound" in names:
        return NotFound(doing, said)
    if number in (errno.EACCES, errno.EPERM):
        return _not_permitted(doing, endpoint)
    if number == errno.ENOENT:
        return CannotLook(doing, f"there is no socket {where}", f"Start it: {_start(endpoint)}.")
    if number == errno.ECONNREFUSED:
        return CannotLook(doing, f"nobody listens at {where}: it is not running", f"Start it: {_start(endpoint)}.")
    if names & {"ReadTimeout", "ReadTimeoutError", "ConnectTimeout", "timeout", "TimeoutError"}:
        return TimedOut(
            doing,
            f"no answer from {where} within {timeout:g} s: it hangs, or is very slow",
            f"See {_status(endpoint)}; if it is only slow: --timeout 30.",
        )
    if names & {"ProtocolError", "RemoteDisconnected", "ConnectionResetError", "BrokenPipeError"}:
        return Dropped(
            doing,
            f"{where} went away in the middle of an answer",
            f"It may be restarting, and is asked again; see {_status(endpoint)}.",
        )
    if names & {"JSONDecodeError", "KeyError", "TypeError", "AttributeError"}:
        return CannotLook(
            doing,
            f"what listens at {where} answers in no words that are known: {said}",
            "Is it Docker's or Podman's API? Name another: -H unix:///PATH.",
        )
    if "InvalidVersion" in names or "client version" in said:
        return CannotLook(
            doing,
            f"no version of the API is common to {where} and us: {said}",
            "Take an engine from 2016 or later (API 1.24), and unset DOCKER_API_VERSION.",
        )
    return CannotLook(doing, said)


def _not_permitted(doing: str, endpoint: Endpoint) -> NoPermission:
    why = f"{NO_PERMISSION}: we may not use {endpoint.url}"
    if endpoint.is_podmans:
        return NoPermission(doing, why, "Run as root: sudo pausetui; or as the user whose containers they are.")
    return NoPermission(
        doing,
        why,
        "Run as root: sudo pausetui; or join its group and log in again: sudo usermod -aG docker $USER "
        "(who is in it is as mighty as root).",
    )


def _start(endpoint: Endpoint) -> str:
    return f"systemctl start {'podman.socket' if endpoint.is_podmans else 'docker'}"


def _status(endpoint: Endpoint) -> str:
    return f"systemctl status {'podman' if endpoint.is_podmans else 'docker'}"


def _inside(error: BaseException) -> Iterator[BaseException]:
    """An exception and all that it was made of: its causes and the exceptions among its arguments."""
    waiting: list[BaseException] = [error]
    seen: set[int] = set()
    while waiting and len(seen) < _DEEPEST:
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [each for each in one.args if isinstance(each, BaseException)]
        waiting += [each for each in (getattr(one, "reason", None),) if isinstance(each, BaseException)]
        waiting += [each for each in (one.__cause__, one.__context__) if each is not None]


def _said(found: tuple[BaseException, ...]) -> str:
    """What the engine said, else what the exception says."""
    told = (getattr(one, "explanation", None) for one in found)
    explained = next((one for one in told if isinstance(one, str) and one), None)
    return harmless(explained or str(found[0]), _LONGEST) or "it gave no reason"
