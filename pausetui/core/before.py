"""What happened before the program was started, as far as the runtime still remembers it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pausetui.core.changes import Change, ChangeKind, Event, Fact
from pausetui.core.inventory import ContainerState, PastAttempt, Sandbox
from pausetui.core.snapshot import Container, Pod, Snapshot
from pausetui.core.wording import addresses, attempt, exit_words


def before_you_came(snapshot: Snapshot) -> tuple[Event, ...]:
    """The timeline up to a session's first snapshot, oldest first.

    It comes from the sandboxes' attempts and creation times and from the ends of earlier attempts of members. These
    events are marked, and have no number of their own: nobody saw them happen.
    """
    found = [
        Event(0, at, change, before_you_came=True)
        for pod in snapshot.pods
        for at, change in (*_sandboxes(pod), *_members(pod))
        if at <= snapshot.taken_at
    ]
    return tuple(sorted(found, key=lambda event: event.at))


def _sandboxes(pod: Pod) -> Iterator[tuple[datetime, Change]]:
    oldest_first = pod.sandboxes[::-1]
    for place, sandbox in enumerate(oldest_first):
        if sandbox.created_at is None:
            continue
        name = attempt("sandbox", sandbox.attempt)
        if place or (sandbox.attempt or 0) > 0:
            before = oldest_first[place - 1] if place else None
            text = f"new {name}{_readdressed(pod, before, sandbox)}"
        else:
            text = f"{name} was made"
        yield sandbox.created_at, _change(ChangeKind.SANDBOX_ADDED, pod, None, None, sandbox.id, text)


def _readdressed(pod: Pod, before: Sandbox | None, sandbox: Sandbox) -> str:
    if pod.host_network:
        return ""
    newest = sandbox.id == pod.sandboxes[0].id
    now = (pod.addresses or sandbox.addresses) if newest else sandbox.addresses
    was = before.addresses if before else ()
    if not was:
        return f" · old address unknown{f', then {addresses(now)}' if now else ''}"
    return f" · IP {addresses(was)} → {addresses(now) if now else 'unknown'}"


def _members(pod: Pod) -> Iterator[tuple[datetime, Change]]:
    for member in pod.members:
        lives = [*member.previous[::-1], _present(member)]
        for place, life in enumerate(lives):
            if life.started_at is not None and (place or (life.attempt or 0) > 0):
                counted = "" if life.attempt is None else f", attempt {life.attempt}"
                text = f"{member.name} restarted{counted}"
                was = lives[place - 1].attempt if place else None
                change = _change(ChangeKind.CONTAINER_RESTARTED, pod, member, was, life.attempt, text)
                yield life.started_at, change
            if life.finished_at is not None:
                # containerd notes a start after the fact: a short life can have ended before it.
                at = max(life.finished_at, life.started_at or life.finished_at)
                state = ContainerState.EXITED
                yield at, _change(ChangeKind.CONTAINER_STATE, pod, member, None, state, _end(member, life))


def _present(member: Container) -> PastAttempt:
    ended = member.state is ContainerState.EXITED
    return PastAttempt(
        attempt=member.attempt,
        started_at=member.started_at,
        finished_at=member.finished_at if ended else None,
        exit_code=member.exit_code,
        reason=member.reason,
    )


def _end(member: Container, life: PastAttempt) -> str:
    code = f" exited {exit_words(life.exit_code)}" if life.exit_code is not None else " ended"
    reason = f", {life.reason}" if life.reason else ""
    return f"{attempt(member.name, life.attempt)}{code}{reason}"


def _change(kind: ChangeKind, pod: Pod, member: Container | None, before: Fact, after: Fact, text: str) -> Change:
    return Change(kind, pod.key, pod.title, member.key if member else None, before, after, text)
