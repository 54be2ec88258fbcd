"""What is told about one container: what it is, how it came here, what it shares."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, tzinfo

from pausetui.core.backoff import back_off
from pausetui.core.inventory import ContainerState, PastAttempt, Usage
from pausetui.core.namespaces import NamespaceId, NamespaceKind
from pausetui.core.observation import Vitals
from pausetui.core.prose import BLANK, NEEDS_ROOT, Entry, Tone, clock, heading, listed, memory, percent, quiet
from pausetui.core.sharing import holders
from pausetui.core.snapshot import Container, Pod, Snapshot
from pausetui.core.states import process_state
from pausetui.core.wording import exit_words, shown


def container_overview(
    snapshot: Snapshot, pod: Pod, container: Container, zone: tzinfo | None = None
) -> tuple[Entry, ...]:
    """One container: what it is, how it came here, what it shares."""
    vitals = snapshot.vitals_of(container)
    return (
        heading(f"{container.name} of {pod.title}"),
        *_orphaned(pod, container),
        *_identity(container, vitals, zone),
        *_wait(pod, container, snapshot.taken_at, zone),
        *((Entry(f"{memory(vitals.rss_bytes)}, cpu {percent(vitals.cpu_percent)}", "uses   "),) if vitals else ()),
        *told_usage(container.usage, "uses   "),
        *_container_namespaces(snapshot, pod, container),
        *_mounts(container),
        *_lives(container, zone),
        *evidence(container),
    )


def told_usage(usage: Usage | None, label: str) -> tuple[Entry, ...]:
    """What the runtime measured, for what the kernel doesn't show us."""
    if usage is None:
        return ()
    parts = [
        f"{memory(usage.memory_bytes)} of memory" if usage.memory_bytes is not None else "",
        f"{usage.cpu_seconds:.1f} s of CPU so far" if usage.cpu_seconds is not None else "",
        f"{memory(usage.writable_bytes)} written" if usage.writable_bytes is not None else "",
    ]
    return (Entry(f"{', '.join(part for part in parts if part)} (all its processes, by cgroup)", label),)


def evidence(container: Container) -> Iterator[Entry]:
    """Why we think that it is the pause container, where nobody told us."""
    if container.evidence:
        yield BLANK
        yield heading("Why we think this is the pause container")
        yield from (Entry(sign, "-") for sign in container.evidence)


def _orphaned(pod: Pod, container: Container) -> Iterator[Entry]:
    """That it was left in a network namespace of its own, where usually no interface but lo remains."""
    if container.key not in pod.orphans:
        return
    own, pods = container.namespaces.net, pod.net
    left = f" It is left in net {own.inode}, {_what_is_there(container)}" if own is not None else ""
    now = f"; the pod's net is {pods.inode} now." if pods not in (None, own) else "."
    text = f"It is not in the pod's network namespace.{left}{now if left else ''}"
    yield Entry(text, "orphaned", Tone.BAD)


def _what_is_there(orphan: Container) -> str:
    if orphan.stranded_with is None:
        return "where usually only lo remains"
    left = list(orphan.stranded_with)
    return f"with nothing but {listed(left)} in it" if left else "which is empty"


def _identity(container: Container, vitals: Vitals | None, zone: tzinfo | None) -> Iterator[Entry]:
    process = f" · pid {container.process.pid}" if container.process else ""
    state = process_state(container, vitals) or str(container.state)
    if container.exit_code is not None and container.state is ContainerState.EXITED:
        state = f"exited {exit_words(container.exit_code)} at {clock(container.finished_at, zone)}"
    yield Entry(f"{container.role}, {state}{process}", "state  ")
    if container.reason:
        yield Entry(container.reason, "reason ")
    yield Entry(f"{clock(container.started_at, zone)}, {_times(container)}", "started")
    if container.image:
        size = f" · {memory(container.image_bytes)}" if container.image_bytes is not None else ""
        yield Entry(f"{container.image}{size}", "image  ")
    if container.command:
        yield Entry(" ".join(container.command), "command", Tone.COMMAND)
    if container.runtime_id:
        yield quiet(container.runtime_id, "id     ")


def _times(container: Container) -> str:
    """How often it was made or started before. An engine makes no attempts: it counts what its policy restarts."""
    if container.attempt is None and container.restart_policy is not None:
        if container.restart_policy == "no":
            return "no restart policy"
        return f"restarts by its policy ({container.restart_policy}): {shown(container.restarts)}"
    if container.attempt is None and container.restarts is None:
        return "how often before is not known"
    return f"attempt {shown(container.attempt)}, restarts {shown(container.restarts)}"


def _wait(pod: Pod, container: Container, now: datetime, zone: tzinfo | None) -> Iterator[Entry]:
    wait = back_off(pod, container)
    if wait is None:
        return
    policy = "Never, or OnFailure" if container.exit_code == 0 else "Never"
    if now > wait.until:
        yield Entry(
            f"kubelet's back-off is over: it is not started again, as with restartPolicy {policy}", "waits  "
        )
    else:
        by = f"by {clock(wait.until, zone)} at the latest (back-off of at most {wait.seconds} s)"
        yield Entry(f"kubelet starts it again {by}, unless its restartPolicy is {policy}", "waits  ")


def _container_namespaces(snapshot: Snapshot, pod: Pod, container: Container) -> Iterator[Entry]:
    if container.process is None:
        return
    yield BLANK
    yield heading("Namespaces")
    if container.cannot_read:
        yield Entry(NEEDS_ROOT, tone=Tone.BAD)
        return
    orphan = container.key in pod.orphans
    for kind, namespace in container.namespaces.items():
        if namespace is not None:
            shared = _shared_with(snapshot, pod, container, namespace)
            lost = ": orphaned, not the pod's" if orphan and kind is NamespaceKind.NET else ""
            yield Entry(f"{namespace.inode} {shared}{lost}", f"{kind:<6}", Tone.BAD if lost else Tone.PLAIN)


def _shared_with(snapshot: Snapshot, pod: Pod, container: Container, namespace: NamespaceId) -> str:
    if namespace == snapshot.host.get(namespace.kind):
        return "the host's"
    others = list(holders(pod, namespace).without(container.name))
    return f"shared with {listed(others)}" if others else "its own"


def _mounts(container: Container) -> Iterator[Entry]:
    if container.mounts:
        yield BLANK
        yield heading("Volumes shared with other members")
        yield from (Entry(mount) for mount in container.mounts)


def _lives(container: Container, zone: tzinfo | None) -> Iterator[Entry]:
    if container.previous:
        yield BLANK
        yield heading("Earlier lives, newest first")
        yield from (_life(life, zone) for life in container.previous)


def _life(life: PastAttempt, zone: tzinfo | None) -> Entry:
    parts = [f"{clock(life.started_at, zone)} to {clock(life.finished_at, zone)}"]
    if life.pid is not None:
        parts.append(f"pid {life.pid}")
    if life.exit_code is not None:
        parts.append(f"exit {exit_words(life.exit_code)}")
    if life.reason:
        parts.append(life.reason)
    return Entry(" · ".join(parts), "earlier" if life.attempt is None else f"attempt {life.attempt}")
