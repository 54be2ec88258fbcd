"""What can be wrong with processes: a pause that works, zombies that nobody reaps."""

from __future__ import annotations

from collections.abc import Iterator

from pausetui.core.doctor.finding import Examined, Finding, FindingId
from pausetui.core.observation import ProcessId
from pausetui.core.prose import memory, percent
from pausetui.core.sharing import under_pause
from pausetui.core.snapshot import Container, Pod, Snapshot
from pausetui.core.wording import plural

BUSY_PERCENT = 1.0
"""A pause uses no CPU at all; this much of a core is another program."""
BIG_BYTES = 16 * 2**20
"""A pause takes less than 1 MiB, catatonit and Go ones a few."""


def restless_pauses(examined: Examined) -> Iterator[Finding]:
    """A pause container that does something else than sleep."""
    for pod in examined.pods:
        pause = pod.pause
        vitals = examined.snapshot.vitals_of(pause) if pause else None
        if pause is None or vitals is None or pod.runtime_handler is not None:
            continue  # with another handler (Kata, gVisor) a machine or a kernel runs in place of a pause
        signs = []
        if (vitals.cpu_percent or 0.0) >= BUSY_PERCENT:
            signs.append(f"it uses {percent(vitals.cpu_percent)} of a core")
        if (vitals.rss_bytes or 0) >= BIG_BYTES:
            signs.append(f"it uses {memory(vitals.rss_bytes)} of memory")
        if vitals.state in ("T", "t", "D") and _state_before(examined, pause) == vitals.state:
            signs.append(f"its process is in state {vitals.state}, not asleep")
        if signs:
            yield Finding(
                FindingId.PAUSE_NOT_SLEEPING,
                pause.key,
                f"{pod.title} pause",
                "A pause container only sleeps. This one is stopped, or it is another program.",
                (*signs, f"command: {' '.join(pause.command) or '?'}, image: {pause.image or '?'}"),
                *_next_step(pause, vitals.state),
            )


def _next_step(pause: Container, state: str) -> tuple[str, str]:
    if pause.process is None:
        return "", ""
    if state in ("T", "t"):
        return (
            "let it go on: somebody stopped it, and a stopped pause reaps nobody",
            f"kill -CONT {pause.process.pid}",
        )
    return "see what it does", f"ps -o pid,stat,pcpu,rss,args -p {pause.process.pid}"


def lasting_zombies(examined: Examined) -> Iterator[Finding]:
    """Processes that ended and that nobody reaps."""
    before = {process for pod in examined.before.pods for one in pod.containers() for process in _zombies(one)}
    for pod in examined.pods:
        for container in pod.containers():
            left = [process for process in _zombies(container) if process in before]
            if left:
                yield Finding(
                    FindingId.ZOMBIES_NOT_REAPED,
                    container.key,
                    f"{pod.title} {container.name}",
                    f"{plural(len(left), 'process')} of {container.name} ended and stay in the process table: "
                    f"{_reaper(pod, container)}",
                    tuple(f"pid {process.pid}" for process in sorted(left)[:5]),
                    _mend(pod, container),
                )


def _mend(pod: Pod, container: Container) -> str:
    if container in under_pause(pod):
        return f"have {container.name} wait for what it starts; when their parent ends, pause reaps them"
    if not _is_pid_1(container):
        return f"have {container.name} wait for what it starts; when their parent ends, pid 1 reaps them"
    return "give the container an init (tini), or share the pod's pid namespace: then pause reaps"


def _zombies(container: Container) -> tuple[ProcessId, ...]:
    return tuple(process.id for process in container.processes if process.zombie)


def _reaper(pod: Pod, container: Container) -> str:
    if container in under_pause(pod):
        return "their own parent does not reap them; only when it ends does pause."
    if not _is_pid_1(container):
        return "their own parent does not reap them; only when it ends does pid 1 of their pid namespace."
    main = container.processes[0].name if container.processes else container.name
    return f"{main} is pid 1 of its pid namespace, and does not reap what it was left with."


def _is_pid_1(container: Container) -> bool:
    """Whether its main process is, as in a pid namespace of its own; in the host's it is not."""
    return not container.processes or container.processes[0].inner_pid in (1, None)


def _state_before(examined: Examined, pause: Container) -> str | None:
    return _state(examined.before, pause)


def _state(snapshot: Snapshot, pause: Container) -> str | None:
    vitals = snapshot.vitals.get(pause.process) if pause.process else None
    return vitals.state if vitals else None
