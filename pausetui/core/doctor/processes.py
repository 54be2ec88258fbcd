"""What can be wrong with processes: a pause that works, zombies that nobody reaps."""

from __future__ import annotations

from collections.abc import Iterator

from pausetui.core.doctor.finding import Examined, Finding, FindingId
from pausetui.core.process_tree import PidSpace, pid_spaces
from pausetui.core.prose import listed, memory, percent
from pausetui.core.reaping import Reaping, reaping, who_reaps
from pausetui.core.snapshot import Container, ContainerProcess
from pausetui.core.wording import plural

BUSY_PERCENT = 1.0
"""A pause uses no CPU at all; this much of a core is another program."""
BIG_BYTES = 16 * 2**20
"""A pause takes less than 1 MiB, catatonit and Go ones a few."""
MOST_PARENTS, MOST_PIDS = 3, 5


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
    before = {one.id for pod in examined.before.pods for each in pod.containers() for one in _zombies(each)}
    for pod in examined.pods:
        spaces = pid_spaces(pod)
        for container in pod.containers():
            left = [one for one in _zombies(container) if one.id in before]
            parents = [(space, parent) for space in spaces for parent in _parents(space, left)]
            if parents:
                yield Finding(
                    FindingId.ZOMBIES_NOT_REAPED,
                    container.key,
                    f"{pod.title} {container.name}",
                    f"{plural(len(left), 'process')} of {container.name} ended and stay in the process table: "
                    "nobody waits for them.",
                    tuple(_of_parent(space, parent, left) for space, parent in parents[:MOST_PARENTS]),
                    _mend(*parents[0]),
                )


def _zombies(container: Container) -> tuple[ContainerProcess, ...]:
    return tuple(process for process in container.processes if process.zombie)


def _parents(space: PidSpace, left: list[ContainerProcess]) -> list[int]:
    """Who should reap those of them that are in this pid namespace."""
    return list(dict.fromkeys(node.process.parent for node in space.nodes if node.process in left))


def _of_parent(space: PidSpace, parent: int, left: list[ContainerProcess]) -> str:
    pids = [str(one.id.pid) for one in left if one.parent == parent]
    return f"pid {listed(pids, MOST_PIDS)}, {who_reaps(space, parent)}"


def _mend(space: PidSpace, parent: int) -> str:
    above = space.node(parent)
    if above is None:
        return f"see what pid {parent} does" if parent else ""
    if above != space.init:
        return f"have {above.process.name} wait for what it starts"
    if reaping(above.container, above.process) is Reaping.DOES:
        return "see whether pause is stopped: else it reaps"
    return "give the container an init (tini), or share the pod's pid namespace: then pause reaps"


def _state_before(examined: Examined, pause: Container) -> str | None:
    vitals = examined.before.vitals_of(pause)
    return vitals.state if vitals else None
