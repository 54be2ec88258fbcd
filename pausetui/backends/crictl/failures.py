"""What crictl's complaints mean, and what to do about them.

crictl exits with 1 for every failure, so its words are all there is: the last line of stderr, in logrus' form
(``time="…" level=fatal msg="…"``) or, for rmp of up to 1.35 and a few others, as plain text. The wording of
1.24, 1.28, 1.30 and 1.36 was recorded; those between them have one of these.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pausetui.backends.crictl.finding import ENDPOINT_VARIABLE
from pausetui.backends.crictl.program import Ran
from pausetui.core.hidden import NO_PERMISSION
from pausetui.errors import CannotLook, NoPermission
from pausetui.text import harmless

_LONGEST = 400
"""Characters of a complaint that are kept."""

_LOGGED = re.compile(r'^(?:time="[^"]*" level=\w+ msg=|[A-Z]{4}\[[^\]]*\] )(?:"(?P<quoted>.*)"|(?P<plain>\S.*))$')
_ESCAPED = re.compile(r"\\(.)")
_NOT_FOUND = re.compile(r"rpc error: code = NotFound\b")
_RPC = re.compile(r"rpc error: code = (?P<code>\w+) desc = (?P<said>.*)", re.DOTALL)
_ENDPOINT = re.compile(r'for endpoint "(?P<told>[^"]+)"|dial unix (?P<dialled>/\S+):')

_NAME_IT = "name the runtime's socket: --runtime-endpoint unix:///PATH"
_SERVICES = "systemctl status containerd, crio, k3s or rke2"


@dataclass(frozen=True, slots=True)
class _Cause:
    """One kind of failure: what crictl says, why that is, and what helps.

    ``{endpoint}`` in a text is the runtime's address, ``{said}`` what the runtime or crictl says of it.
    """

    said: re.Pattern[str]
    why: str
    next_step: str = ""
    error: type[CannotLook] = CannotLook


def _cause(said: str, why: str, next_step: str = "", error: type[CannotLook] = CannotLook) -> _Cause:
    return _Cause(re.compile(said), why, next_step, error)


_CAUSES = (
    _cause(
        "connect: permission denied",
        f"{NO_PERMISSION}: we may not use {{endpoint}}",
        "Run as root: sudo pausetui.",
        NoPermission,
    ),
    _cause(
        "connect: no such file or directory",
        "there is no socket {endpoint}",
        f"Start the runtime, or {_NAME_IT}.",
    ),
    _cause(
        "connect: connection refused",
        "nobody listens at {endpoint}: the runtime is not running",
        f"Start it; see {_SERVICES}.",
    ),
    _cause(
        r"Unimplemented desc = unknown service runtime\.v1\w*\.RuntimeService",
        "whoever listens at {endpoint} does not serve the CRI (containerd with its CRI plug-in disabled?)",
        f'Take "cri" out of disabled_plugins in /etc/containerd/config.toml and restart containerd, or {_NAME_IT}.',
    ),
    _cause(
        "server preface|http2: |write: broken pipe",
        "whoever listens at {endpoint} does not speak gRPC, so it is no CRI runtime",
        f"Instead {_NAME_IT}.",
    ),
    _cause(
        "(?:validate service connection|unable to determine runtime API version).*DeadlineExceeded",
        "the runtime at {endpoint} does not answer: it hangs",
        f"See {_SERVICES}; if it is only slow: --timeout 10.",
    ),
    _cause(
        "DeadlineExceeded|context deadline exceeded",
        "the runtime did not answer this in time: it is slow, or a container's shim hangs",
        "Wait longer: --timeout 10.",
    ),
    _cause("code = Unimplemented", "the runtime does not know this call: {said}"),
    _cause(
        "code = Unavailable",
        "the runtime at {endpoint} went away: {said}",
        f"It may be restarting, and is asked again; see {_SERVICES}.",
    ),
    _cause(
        "load config file: ",
        "crictl cannot use its configuration: {said}",
        "Mend the file, or name another: --config FILE.",
    ),
    _cause(
        "--runtime-endpoint is not set",
        f"the endpoint is empty ({ENDPOINT_VARIABLE} or --runtime-endpoint)",
        f"Unset it, or {_NAME_IT}.",
    ),
    _cause(
        "only support unix socket endpoint|protocol .* not supported",
        "crictl reaches a runtime by a unix socket only, not by {endpoint}: {said}",
        f"Instead {_NAME_IT}.",
    ),
    _cause(
        "flag provided but not defined|No help topic for|unsupported output format",
        "this crictl does not know what it is asked: {said}",
        "Install crictl 1.24 or newer.",
    ),
    _cause("", "{said}"),
)


def as_error(ran: Ran, doing: str, endpoint: str | None) -> CannotLook:
    """Why a call failed.

    Args:
        ran: What it came to, with an exit code that is not 0.
        doing: What was done, for the message ("listing the sandboxes").
        endpoint: The runtime's address as far as it is known; else it is taken from what crictl says.
    """
    said = complaint(ran)
    cause = next(cause for cause in _CAUSES if cause.said.search(said))
    rpc = _RPC.search(said)
    named = _ENDPOINT.search(said)
    where = endpoint or (named and (named["told"] or f"unix://{named['dialled']}")) or "its socket"
    why = cause.why.format(endpoint=harmless(where), said=harmless(rpc["said"] if rpc else said, _LONGEST))
    return cause.error(doing, why, cause.next_step)


def is_not_found(ran: Ran) -> bool:
    """Whether a call failed because an id is not known (any more): gone between ``ps`` and ``inspect``.

    Up to 1.30 the answers for the ids before it are on stdout; from 1.31 on there are none.
    """
    return ran.rc != 0 and _NOT_FOUND.search(complaint(ran)) is not None


def complaint(ran: Ran) -> str:
    """What crictl says last, without its log's trimmings. Not made harmless."""
    lines = [line for line in ran.err.splitlines() if line.strip()]
    if not lines:
        ended = f"it was killed by signal {-ran.rc}" if ran.rc < 0 else f"exit code {ran.rc}"
        return f"crictl said nothing ({ended})"
    logged = _LOGGED.match(lines[-1])
    if logged is None:
        return lines[-1].strip()
    if logged["quoted"] is None:
        return str(logged["plain"])
    return _ESCAPED.sub(lambda found: {"n": "\n", "t": "\t"}.get(found[1], found[1]), logged["quoted"])
