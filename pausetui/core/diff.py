"""What is different between two snapshots, as typed changes in a stable order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

from pausetui.core import wording
from pausetui.core.changes import Change, ChangeKind, Fact
from pausetui.core.diff_network import network_changes
from pausetui.core.inventory import ContainerState, Role, Sandbox
from pausetui.core.memory import NOTHING, Memory
from pausetui.core.namespaces import POD_KINDS, NamespaceKind
from pausetui.core.observation import Problem
from pausetui.core.snapshot import Container, Pod, Snapshot

Item = TypeVar("Item")


def diff(before: Snapshot, after: Snapshot, memory: Memory = NOTHING) -> tuple[Change, ...]:
    """Every change from one snapshot to the next.

    Args:
        before: The earlier one.
        after: The later one.
        memory: What was known last of things that ``before`` does not know; see ``memory``.
    """
    return (
        *_backend(before, after),
        *_problems(before, after),
        *(() if before.pods is after.pods else _pods(before, after, memory)),
    )


def _keyed(items: Iterable[Item], key: Callable[[Item], str]) -> dict[str, Item]:
    return {key(item): item for item in items}


def _split(
    before: Mapping[str, Item], after: Mapping[str, Item]
) -> tuple[list[Item], list[tuple[Item, Item]], list[Item]]:
    """What went, what stayed (as it was and as it is), and what came."""
    gone = [item for key, item in before.items() if key not in after]
    common = [(before[key], item) for key, item in after.items() if key in before]
    appeared = [item for key, item in after.items() if key not in before]
    return gone, common, appeared


def _backend(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    if before.stale != after.stale:
        states = {True: "stale", False: "live"}
        text = wording.backend_state(after)
        yield _machine(ChangeKind.BACKEND_STATE, states[before.stale], states[after.stale], text)


def _problems(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    if before.problems == after.problems:
        return

    def key(problem: Problem) -> str:
        return f"{problem.subject}\0{problem.what}"

    gone, _, appeared = _split(_keyed(before.problems, key), _keyed(after.problems, key))
    for problem in appeared:
        yield _of_problem(ChangeKind.PROBLEM_APPEARED, problem, after)
    for problem in gone:
        yield _of_problem(ChangeKind.PROBLEM_GONE, problem, after)


def _of_problem(kind: ChangeKind, problem: Problem, snapshot: Snapshot) -> Change:
    found = snapshot.container(problem.subject)
    pod = found[0] if found else snapshot.pod(problem.subject)
    appeared = kind is ChangeKind.PROBLEM_APPEARED
    facts: tuple[Fact, Fact] = (None, problem.what) if appeared else (problem.what, None)
    text = wording.problem(problem, appeared=appeared)
    if pod is None:
        return _machine(kind, *facts, text)
    return Change(kind, pod.key, pod.title, problem.subject if found else None, *facts, text)


def _machine(kind: ChangeKind, before: Fact, after: Fact, text: str) -> Change:
    return Change(kind, "", "", None, before, after, text)


def _pods(before: Snapshot, after: Snapshot, memory: Memory) -> Iterator[Change]:
    gone, common, appeared = _split(
        _keyed(before.pods, lambda pod: pod.key), _keyed(after.pods, lambda pod: pod.key)
    )
    for pod in gone:
        yield _pod(ChangeKind.POD_GONE, pod, pod.state, None, "gone")
    for old, new in common:
        if old is not new:
            yield from _one_pod(old, new, memory)
            yield from network_changes(old, new, memory, after.taken_at)
            yield from _orphans(old, new)
    for pod in appeared:
        yield _pod(ChangeKind.POD_APPEARED, pod, None, pod.state, wording.appeared(pod))


def _pod(kind: ChangeKind, pod: Pod, before: Fact, after: Fact, text: str) -> Change:
    return Change(kind, pod.key, pod.title, None, before, after, text)


def _one_pod(old: Pod, new: Pod, memory: Memory) -> Iterator[Change]:
    yield from _sandboxes(old, new)
    gone, common, appeared = _split(
        _keyed(old.containers(), lambda container: container.key),
        _keyed(new.containers(), lambda container: container.key),
    )
    for container in gone:
        yield _container(ChangeKind.CONTAINER_GONE, new, container, container.state, None, "gone")
    for container in appeared:
        text = f"appeared, {container.state}"
        yield _container(ChangeKind.CONTAINER_APPEARED, new, container, None, container.state, text)
    for earlier, later in common:
        if earlier != later:
            yield from _one_container(earlier, later, new, memory)


def _sandboxes(old: Pod, new: Pod) -> Iterator[Change]:
    if not old.sandboxes and not new.sandboxes:
        if old.state != new.state:
            text = wording.sandbox_state(new.attempt, new.state)
            yield _pod(ChangeKind.SANDBOX_STATE, new, old.state, new.state, text)
        return

    def key(sandbox: Sandbox) -> str:
        return sandbox.id

    gone, common, appeared = _split(_keyed(old.sandboxes, key), _keyed(new.sandboxes, key))
    for earlier, later in common:
        was, now = _state_shown(earlier, old), _state_shown(later, new)
        if was != now:
            yield _pod(ChangeKind.SANDBOX_STATE, new, was, now, wording.sandbox_state(later.attempt, now))
    for sandbox in gone:
        text = f"{wording.attempt('sandbox', sandbox.attempt)} removed"
        yield _pod(ChangeKind.SANDBOX_GONE, new, sandbox.id, None, text)
    for sandbox in appeared:
        text = f"new {wording.attempt('sandbox', sandbox.attempt)}"
        yield _pod(ChangeKind.SANDBOX_ADDED, new, None, sandbox.id, text)


def _state_shown(sandbox: Sandbox, pod: Pod) -> str:
    """The newest sandbox is in the state that the kernel and the runtime together give its pod."""
    newest = bool(pod.sandboxes) and pod.sandboxes[0].id == sandbox.id
    return pod.state if newest else sandbox.state


def _one_container(old: Container, new: Container, pod: Pod, memory: Memory) -> Iterator[Change]:
    again = _is_another_life(old, new, memory)
    if again:
        text = wording.restarted(memory.process(old), new)
        yield _container(ChangeKind.CONTAINER_RESTARTED, pod, new, old.attempt, new.attempt, text)
    came_up = again and new.state is ContainerState.RUNNING
    if (old.state != new.state and not came_up) or _exit_code_came(old, new):
        text = wording.container_state(new)
        yield _container(ChangeKind.CONTAINER_STATE, pod, new, old.state, new.state, text)
    was = memory.process(old)
    if new.process is not None and was is not None and was != new.process:
        text = f"pid {was.pid} → {new.process.pid}"
        yield _container(ChangeKind.PID_CHANGED, pod, new, was.pid, new.process.pid, text)
    yield from _namespaces(old, new, pod, memory)


def _exit_code_came(old: Container, new: Container) -> bool:
    """The kernel tells of an end at once, the runtime of its exit code a little later."""
    ended = old.state is ContainerState.EXITED and new.state is ContainerState.EXITED
    return ended and old.runtime_id == new.runtime_id and old.exit_code is None and new.exit_code is not None


def _is_another_life(old: Container, new: Container, memory: Memory) -> bool:
    earlier = old.started_at is not None and new.started_at is not None and new.started_at < old.started_at
    if earlier and new.state is ContainerState.EXITED:
        return False  # the runtime has forgotten the last life, and shows the one before it
    if old.runtime_id is not None and new.runtime_id is not None and old.runtime_id != new.runtime_id:
        return True
    if old.attempt is not None and new.attempt is not None:
        return old.attempt != new.attempt
    # Docker starts the very same container again, and counts no attempts.
    was = memory.process(old)
    kept = old.runtime_id is not None and old.runtime_id == new.runtime_id
    return kept and was is not None and new.process is not None and was != new.process


def _namespaces(old: Container, new: Container, pod: Pod, memory: Memory) -> Iterator[Change]:
    """Changes of the namespaces that a container can be expected to keep.

    A restarted member is always in new pid and mnt namespaces, and follows its pause into the pod's new ones:
    neither is news. A process that changes its namespaces while it runs, or a member that does not follow, is.
    """
    same_process = memory.process(old) == new.process
    for kind in NamespaceKind:
        now, was = new.namespaces.get(kind), memory.namespace(old, kind)
        if now is None or was is None or now == was:
            continue
        expected = _follows(new, pod, kind) if new.role is not Role.PAUSE else kind not in POD_KINDS
        if expected and not same_process:
            continue
        text = wording.namespace_changed(was, now)
        yield _container(ChangeKind.NAMESPACE_CHANGED, pod, new, was, now, text)


def _follows(member: Container, pod: Pod, kind: NamespaceKind) -> bool:
    if kind not in POD_KINDS:
        return True
    pause = pod.pause.namespaces.get(kind) if pod.pause else None
    return pause is not None and pause == member.namespaces.get(kind)


def _orphans(old: Pod, new: Pod) -> Iterator[Change]:
    for member in new.members:
        was, now = member.key in old.orphans, member.key in new.orphans
        if now and not was:
            text = "is orphaned: it is left in a network namespace that is not the pod's"
            yield _container(ChangeKind.PROBLEM_APPEARED, new, member, None, "orphaned", text)
        if was and not now:
            text = "is no longer orphaned"
            yield _container(ChangeKind.PROBLEM_GONE, new, member, "orphaned", None, text)


def _container(kind: ChangeKind, pod: Pod, one: Container, before: Fact, after: Fact, text: str) -> Change:
    return Change(kind, pod.key, pod.title, one.key, before, after, f"{one.name} {text}")
