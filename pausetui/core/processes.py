"""The processes of a pod or container, with what they use. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from pausetui.core.prose import BLANK, Entry, Tone, heading, memory, percent, quiet
from pausetui.core.snapshot import Container, ContainerProcess, Pod, Snapshot

HEAD = f"{'pid':>8}  {'inside':>6}  {'memory':>9}  {'cpu':>6}  name"
STOPPED = ("T", "t")
INSIDE = "inside: the pid by which it knows itself, in its own pid namespace"


def entries(snapshot: Snapshot, pod: Pod, container: Container | None) -> tuple[Entry, ...]:
    """The processes of one container, or of all containers of the pod and those that joined it from outside."""
    shown = (container,) if container is not None else tuple(pod.containers())
    parts = [entry for one in shown for entry in _of_container(snapshot, one)]
    outsiders = _outsiders(pod) if container is None else ()
    title = f"Processes of {container.name}" if container is not None else f"Processes of {pod.title}"
    return (heading(title), quiet(INSIDE), quiet(HEAD), *parts, *outsiders)


def _of_container(snapshot: Snapshot, container: Container) -> Iterator[Entry]:
    yield Entry(container.name, tone=Tone.HEADING)
    if not container.processes:
        yield quiet("          no process is known")
    for process in container.processes:
        yield _process(snapshot, process)


def _process(snapshot: Snapshot, process: ContainerProcess) -> Entry:
    vitals = snapshot.vitals.get(process.id)
    size = memory(vitals.rss_bytes if vitals else None)
    cpu = percent(vitals.cpu_percent if vitals else None)
    inner = "?" if process.inner_pid is None else str(process.inner_pid)
    notes = [f"own {namespace.kind}" for namespace in process.differs]
    if process.zombie:
        notes.append("zombie: it has ended and nobody has reaped it")
    elif vitals is not None and vitals.state in STOPPED:
        notes.append("stopped: it waits for SIGCONT")
    text = f"{process.id.pid:>8}  {inner:>6}  {size:>9}  {cpu:>6}  {process.name}"
    return Entry(f"{text}  {', '.join(notes)}".rstrip(), tone=Tone.BAD if process.zombie else Tone.PLAIN)


def _outsiders(pod: Pod) -> Iterator[Entry]:
    if pod.sharers:
        yield BLANK
        yield heading("From outside, in its namespaces")
        for sharer in pod.sharers:
            yield Entry(f"{sharer.id.pid:>8}  {sharer.name} shares {' '.join(sharer.kinds)}")
