"""What is told about one pod: the five things that a pause container is, in its own numbers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo

from pausetui.core.anchor import is_engines_pin, is_plain_engines, restored_by, what_ends_with_pause
from pausetui.core.inventory import ContainerState, Role
from pausetui.core.namespaces import NamespaceKind
from pausetui.core.prose import BLANK, NEEDS_ROOT, Entry, Tone, clock, heading, listed, memory, percent, quiet
from pausetui.core.restarts import RestartCount, restarts_since
from pausetui.core.sharing import held_kinds, holders, pod_namespace, shares_pid, under_pause
from pausetui.core.snapshot import Container, Pod, Snapshot
from pausetui.core.tabs.address_overview import runtime_against_kernel, shown_addresses
from pausetui.core.tabs.container_overview import evidence, told_usage
from pausetui.core.trouble import troubles
from pausetui.core.wording import plural, state_name


def pod_overview(snapshot: Snapshot, pod: Pod, zone: tzinfo | None = None) -> tuple[Entry, ...]:
    """A pod, as the five things that its pause container is to it."""
    return (
        heading(pod.title),
        Entry(_headline(pod)),
        *(
            Entry(trouble.text, "wrong", Tone.BAD)
            for trouble in troubles(pod, snapshot.problems, snapshot.taken_at)
        ),
        BLANK,
        heading("1 Holder of namespaces"),
        *_namespaces(snapshot, pod),
        BLANK,
        heading("2 Base of the network"),
        *_network(snapshot, pod),
        BLANK,
        heading("3 Anchor of the life cycle"),
        *_life_cycle(pod, zone),
        BLANK,
        heading("4 Decoupling"),
        *_decoupling(pod, zone),
        BLANK,
        heading("5 Next to no cost"),
        *_cost(snapshot, pod),
        *_why_pause(pod),
    )


def _headline(pod: Pod) -> str:
    parts = [state_name(pod.state), "host network" if pod.host_network else shown_addresses(pod), pod.note]
    if pod.runtime_handler is not None:
        parts.append(f"runtime handler {pod.runtime_handler}")
    pause = pod.pause
    if pause is not None and pause.process is not None:
        parts.append(f"pause is pid {pause.process.pid}")
    return " · ".join(part for part in parts if part)


def _namespaces(snapshot: Snapshot, pod: Pod) -> Iterator[Entry]:
    pause = pod.pause
    if pause is None:
        yield Entry("It has no pause container: its namespaces live as long as somebody holds them.")
    for kind in (NamespaceKind.NET, NamespaceKind.IPC, NamespaceKind.UTS):
        yield _held(snapshot, pod, kind)
    if shares_pid(pod):
        yield _held(snapshot, pod, NamespaceKind.PID)
        yield from _below(pod)
    if pause is not None and (outlive := _outliving(snapshot, pod, pause)):
        yield quiet(outlive)


def _below(pod: Pod) -> Iterator[Entry]:
    below = under_pause(pod)
    if below and all(member in below or member.process is None for member in pod.members):
        yield Entry("Its members live in pause's pid namespace: when pause ends, the kernel ends them all.")
    elif below:
        names = listed([member.name for member in below])
        yield Entry(f"In pause's pid namespace: {names}. When pause ends, the kernel ends them, not the others.")


def _held(snapshot: Snapshot, pod: Pod, kind: NamespaceKind) -> Entry:
    namespace = pod_namespace(pod, kind)
    if namespace is None:
        hidden = any(one.cannot_read for one in pod.containers())
        return Entry(NEEDS_ROOT if hidden else "not known", f"{kind:<3}", Tone.BAD if hidden else Tone.QUIET)
    if namespace == snapshot.host.get(kind):
        return Entry(f"{namespace.inode} is the host's own", f"{kind:<3}")
    held = holders(pod, namespace)
    names = [*held.containers, *held.outsiders, *(f"pin {path}" for path in held.pins)]
    return Entry(f"{namespace.inode} held by {listed(names)}", f"{kind:<3}")


def _outliving(snapshot: Snapshot, pod: Pod, pause: Container) -> str:
    """Which of the namespaces would outlive the pause process, and thanks to whom."""
    if pause.state is not ContainerState.RUNNING:
        return ""
    taken = {member.name for member in under_pause(pod)}
    stay: list[str] = []
    go: list[str] = []
    for kind in held_kinds(pod, snapshot.host):
        namespace = pause.namespaces.get(kind)
        others = holders(pod, namespace).without(pause.name) if namespace else ()
        gone_too = kind is NamespaceKind.PID and bool(taken)
        engines = {f"pin {pin.path}" for pin in pod.pins if is_engines_pin(pod, pin.path)}
        survives = not gone_too and any(other not in taken | engines for other in others)
        (stay if survives else go).append(kind.value)
    parts = []
    if stay:
        bare = NamespaceKind.NET.value in stay and is_plain_engines(pod)
        but = ", but its address and links would go" if bare else ""
        parts.append(f"{', '.join(stay)} would outlive pause, since others hold them too{but}")
    if go:
        parts.append(f"{', '.join(go)} would end with it")
    return f"If pause ended now: {'; '.join(parts)}." if parts else ""


def _network(snapshot: Snapshot, pod: Pod) -> Iterator[Entry]:
    if pod.host_network:
        yield Entry("It uses the host's network: no address, interfaces or ports of its own.")
        return
    yield from runtime_against_kernel(snapshot, pod)
    inside = [
        one.name
        for one in pod.members
        if one.namespaces.net is not None and one.namespaces.net == pod.net and one.key not in pod.orphans
    ]
    if len(inside) > 1:
        yield Entry(f"{listed(inside)} share it: one address, one set of ports, localhost between them.")
    for member in pod.members:
        if member.key in pod.orphans:
            yield Entry(f"{member.name} is in another network namespace: orphaned.", tone=Tone.BAD)


def _life_cycle(pod: Pod, zone: tzinfo | None) -> Iterator[Entry]:
    restorer = restored_by(pod)
    if pod.pause is not None and pod.pause.state is ContainerState.EXITED:
        yield Entry(f"{pod.pause.name} has ended; {restorer}.")
    elif pod.pause is not None:
        yield Entry(f"If {pod.pause.name} ends, {what_ends_with_pause(pod)}; {restorer}.")
    elif pod.shares_nothing:
        yield Entry(f"No pause container anchors it, and it needs none; {restorer}.")
    else:
        yield Entry(f"No pause container anchors it: each member lives and ends for itself; {restorer}.")
    for place, sandbox in enumerate(pod.sandboxes):
        state = state_name(sandbox.state if place else pod.state)
        made = f"created {clock(sandbox.created_at, zone)}, " if sandbox.created_at is not None else ""
        what = "sandbox" if sandbox.attempt is None else f"attempt {sandbox.attempt}"
        yield Entry(f"{made}{state}{'' if place else ' now'}", what)


def _decoupling(pod: Pod, zone: tzinfo | None) -> Iterator[Entry]:
    pause = pod.pause
    counts = {
        one.name: restarts_since(one, pause)
        for one in pod.members
        if one.role is not Role.INIT and one.state is not ContainerState.CREATED
    }
    since = pause.started_at if pause else None
    when = f" since this pause started at {clock(since, zone)}" if since else " of members" if pause is None else ""
    known = [count for count in counts.values() if count is not None]
    if counts and not known:
        yield Entry(f"How often members were restarted{when} is not known: this backend does not count it.")
        return
    total = sum(count.number for count in known)
    if is_plain_engines(pod):
        yield Entry(f"{plural(total, 'restart')} of members by their restart policy; an engine counts no others.")
        return
    least = "At least " if len(known) < len(counts) or any(count.at_least for count in known) else ""
    if since is None:
        yield Entry(f"{least}{plural(total, 'member restart')} seen.")
    else:
        unchanged = "pause and its namespaces stayed as they were" if total else "none needed it yet"
        yield Entry(f"{least}{plural(total, 'member restart')}{when}: {unchanged}.")
    told = [f"{name} {count.text if count else 'not known'}" for name, count in counts.items() if _worth_it(count)]
    if told:
        yield quiet(", ".join(told))


def _worth_it(count: RestartCount | None) -> bool:
    return count is None or count.number > 0


def pause_costs(snapshot: Snapshot) -> tuple[int, int, float]:
    """How many pauses of this node were measured, their memory in bytes and their CPU in percent of a core."""
    count, size, cpu = 0, 0, 0.0
    for pod in snapshot.pods:
        vitals = snapshot.vitals_of(pod.pause) if pod.pause else None
        if vitals is not None and vitals.rss_bytes is not None:
            count += 1
            size += vitals.rss_bytes
            cpu += vitals.cpu_percent or 0.0
    return count, size, cpu


def _cost(snapshot: Snapshot, pod: Pod) -> Iterator[Entry]:
    vitals = snapshot.vitals_of(pod.pause) if pod.pause else None
    if vitals is not None:
        yield Entry(f"{memory(vitals.rss_bytes)} of memory, cpu {percent(vitals.cpu_percent)}", "this pause")
    elif pod.pause is not None:
        yield quiet("not measured", "this pause")
    if pod.pause is not None and pod.pause.image_bytes is not None:
        image = pod.pause.image or "without a name"
        yield Entry(f"{memory(pod.pause.image_bytes)}, {image}", "its image ")
    yield from told_usage(pod.usage, "this pod  ")
    count, size, cpu = pause_costs(snapshot)
    if count:
        yield Entry(f"{memory(size)} of memory, cpu {percent(cpu)}", f"all {plural(count, 'pause')} here")


def _why_pause(pod: Pod) -> Iterator[Entry]:
    if pod.pause is not None:
        yield from evidence(pod.pause)
