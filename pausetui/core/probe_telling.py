"""What is told of a port of localhost that was tried: whose socket it was, in whose words. Pure.

All members of a pod have one network namespace, and with it one localhost: whichever of them connects to a port
there reaches the same socket.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pausetui.core.network import Listener, NetworkView, ProbeResult
from pausetui.core.port_clashes import who_answers
from pausetui.core.prose import Entry, Tone, listed, quiet
from pausetui.core.vantage import Owner, Vantage
from pausetui.core.wording import plural

ONLY = "not by localhost: it listens on"
REFUSED = "Connection refused"


@dataclass(frozen=True, slots=True)
class PortChoice:
    """A TCP port on which somebody listens, and who, in words."""

    port: int
    who: str


@dataclass(frozen=True, slots=True)
class Asked:
    """Which port is tried, and whether ``HEAD /`` is asked for."""

    port: int
    head: bool = False

    def __str__(self) -> str:
        return f"connect to localhost:{self.port}{' and ask for HEAD /' if self.head else ''}"


@dataclass(frozen=True, slots=True)
class Probed:
    """What came of it, and the network as it was seen right afterwards."""

    results: tuple[ProbeResult, ...]
    view: NetworkView


def choices(seen: Vantage, view: NetworkView) -> tuple[PortChoice, ...]:
    """The TCP ports on which somebody listens there, by number."""
    by_port: dict[int, list[Listener]] = {}
    for one in view.listeners or ():
        if one.protocol == "tcp":
            by_port.setdefault(one.port, []).append(one)
    return tuple(PortChoice(port, _who(seen, by_port[port])) for port in sorted(by_port))


def _who(seen: Vantage, same: list[Listener]) -> str:
    who = "; ".join(dict.fromkeys(whose(seen, (one,)) for one in same))
    by_localhost = any(who_answers(same, address, same[0].port) for address in ("127.0.0.1", "::1"))
    return who if by_localhost else f"{who}, {ONLY} {listed(sorted({one.address for one in same}))}"


def whose(seen: Vantage, listening: tuple[Listener, ...]) -> str:
    """Whose sockets these are: "server's: nginx (pid 4711)"."""
    pids = sorted({pid for one in listening for pid in one.owners or ()})
    if not listening:
        return "though nobody is seen to listen there"
    if not pids:
        known = all(one.owners is not None for one in listening)
        return "it is of no process of this pod" if known else "whose it is, is not known"
    parts: dict[str, list[str]] = {}
    for pid in pids:
        owner = seen.owners.get(pid, Owner("", "?"))
        parts.setdefault(owner.container, []).append(f"{owner.name} (pid {pid})")
    return " and ".join(
        f"{container}'s: {listed(names, 2)}" if container else f"from outside: {listed(names, 2)}"
        for container, names in parts.items()
    )


def told(seen: Vantage, asked: Asked, probed: Probed) -> tuple[Entry, ...]:
    """What came of it: in a sentence, then address by address."""
    return (
        *_in_a_sentence(seen, asked, probed),
        *(entry for result in probed.results for entry in _result(seen, result, probed.view)),
        *_rules(probed.view),
        *(Entry(f"{one.what}: {one.why}", "unseen", Tone.BAD) for one in probed.view.problems),
    )


def _in_a_sentence(seen: Vantage, asked: Asked, probed: Probed) -> Iterator[Entry]:
    where = f"From {seen.name}, localhost:{asked.port}"
    accepted = [one for one in probed.results if one.connected]
    owners = list(dict.fromkeys(whose(seen, _answering(one, probed.view)) for one in accepted))
    if len(owners) > 1:
        yield Entry(f"{where} is not one: the address decides who answers.", tone=Tone.NOTICE)
    elif owners and any(one.owners for one in _answering(accepted[0], probed.view)):
        own = f"{seen.name}'s: "
        who = f"its own: {owners[0].removeprefix(own)}" if owners[0].startswith(own) else owners[0]
        yield Entry(f"{where} is {who} accepted.", tone=Tone.GOOD)
    elif owners:
        yield Entry(f"{where} was accepted; {owners[0]}.", tone=Tone.NOTICE)
    else:
        yield Entry(f"{where} was not accepted.", tone=Tone.BAD)
    if seen.orphan:
        yield Entry(_of_an_orphan(seen, probed.view), tone=Tone.BAD)
    elif len(owners) == 1 and len(seen.sharing) > 1:
        yield quiet(f"It is the same socket for all in net {seen.net.inode}: {listed(list(seen.sharing))}.")


def _of_an_orphan(seen: Vantage, view: NetworkView) -> str:
    left = f"{seen.name} is an orphan: it is alone in net {seen.net.inode}, not in its pod's"
    if len(seen.sharing) > 1:
        left = f"{listed(list(seen.sharing))} are orphans in net {seen.net.inode}, which is not their pod's"
    ports = sorted({one.port for one in view.listeners or () if one.protocol == "tcp"})
    if view.listeners is None:
        return f"{left}."
    has = f"only {plural(len(ports), 'port')}: {listed([str(port) for port in ports])}" if ports else "nothing"
    return f"{left}. Its localhost has {has}."


def _result(seen: Vantage, result: ProbeResult, view: NetworkView) -> Iterator[Entry]:
    host = f"[{result.address}]" if ":" in result.address else result.address
    label = f"{host}:{result.port}"
    after = f"after {result.milliseconds:.1f} ms"
    if not result.connected:
        yield Entry(f"{result.error} {after}{_why(seen, result, view)}", label, Tone.BAD)
        return
    yield Entry(f"accepted {after}, {whose(seen, _answering(result, view))}", label, Tone.GOOD)
    if result.answer:
        yield Entry(result.answer, "  HEAD /")
    if result.error:
        yield Entry(result.error, "  HEAD /", Tone.BAD)


def _why(seen: Vantage, result: ProbeResult, view: NetworkView) -> str:
    listening = _answering(result, view)
    if result.error == REFUSED and not listening:
        return ": nobody listens there" if view.listeners is not None else ""
    if result.error == REFUSED or not listening:
        return ""
    return f", though somebody listens, {whose(seen, listening)}: its queue may be full"


def _answering(result: ProbeResult, view: NetworkView) -> tuple[Listener, ...]:
    return who_answers(view.listeners or (), result.address, result.port)


def _rules(view: NetworkView) -> Iterator[Entry]:
    count = view.rules.count if view.rules else None
    if count:
        yield quiet(f"{plural(count, 'packet rule')} in this network may have led it elsewhere.")
