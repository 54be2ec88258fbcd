"""How changes are put into words. One place, so that the timeline, ``watch`` and reports say the same."""

from __future__ import annotations

from pausetui.core.inventory import ContainerState, PodState, Role
from pausetui.core.namespaces import NamespaceId
from pausetui.core.observation import Problem, ProcessId
from pausetui.core.snapshot import Container, Pod, Snapshot


def shown(value: object) -> str:
    """A value, or "?" where it is not known."""
    return "?" if value is None else str(value)


def attempt(what: str, number: int | None) -> str:
    """Which attempt of something: "sandbox attempt 3"; "sandbox" where none are counted, as by an engine."""
    return what if number is None else f"{what} attempt {number}"


def plural(count: int, noun: str) -> str:
    """A count and its noun: "1 pod", "2 pods", "2 processes"."""
    if count == 1:
        return f"{count} {noun}"
    return f"{count} {noun}{'es' if noun.endswith('s') else 's'}"


def addresses(values: tuple[str, ...] | None) -> str:
    """Addresses in one phrase: "none" if there are none, "?" if they can't be read."""
    if values is None:
        return "?"
    return ", ".join(values) if values else "none"


def state_name(state: PodState) -> str:
    """As kubectl and crictl write it."""
    return {PodState.READY: "Ready", PodState.NOTREADY: "NotReady"}.get(state, "Unknown")


def appeared(pod: Pod) -> str:
    """What is said of a pod seen for the first time."""
    count = sum(1 for _ in pod.containers())
    address = "the host's network" if pod.host_network else f"IP {addresses(pod.addresses)}"
    return f"appeared: {state_name(pod.state)}, {address}, {plural(count, 'container')}"


def backend_state(after: Snapshot) -> str:
    """That the runtime stopped answering, or answers again."""
    name = after.runtime.name or after.backend
    return f"{name} does not answer; what it said before is kept" if after.stale else f"{name} answers"


def problem(value: Problem, *, appeared: bool) -> str:
    """A problem in one line, or that it is over."""
    return f"{value.what}: {value.why}" if appeared else f"no longer: {value.what}"


def sandbox_state(number: int | None, state: str) -> str:
    """That a sandbox became Ready or not."""
    return f"{attempt('sandbox', number)} is {state_name(PodState(state))}"


def restarted(was: ProcessId | None, new: Container) -> str:
    """That a container is in another life, with its pids and how the last life ended."""
    parts = [f"restarted, attempt {new.attempt}" if new.attempt is not None else "restarted"]
    if was is not None and new.process is not None:
        parts.append(f"pid {was.pid} → {new.process.pid}")
    last = new.previous[0] if new.previous else None
    if last is not None and last.exit_code is not None and new.role is not Role.PAUSE:
        parts.append(f"last exit {exit_words(last.exit_code)}")
    return " · ".join(parts)


def container_state(new: Container) -> str:
    """What state a container is in now, with exit code and reason where it ended."""
    if new.state is not ContainerState.EXITED:
        return f"is {new.state}"
    if new.exit_code is None:
        return "ended"
    reason = f", {new.reason}" if new.reason else ""
    return f"exited {exit_words(new.exit_code)}{reason}"


def exit_words(code: int) -> str:
    """An exit code as people read it: "137 (SIGKILL)"."""
    names = {129: "SIGHUP", 130: "SIGINT", 134: "SIGABRT", 137: "SIGKILL", 139: "SIGSEGV", 143: "SIGTERM"}
    return f"{code} ({names[code]})" if code in names else str(code)


def namespace_changed(was: NamespaceId, now: NamespaceId) -> str:
    """A namespace replaced by another, and a warning where both have the same number."""
    reused = " (same number, another namespace)" if was.inode == now.inode else ""
    return f"{was.kind} {was.inode} → {now.inode}{reused}"


def address_changed(before: tuple[str, ...] | None, after: tuple[str, ...], last: tuple[str, ...]) -> str:
    """Addresses that came, went or changed; ``last`` are those the pod had before it had none."""
    if not after:
        return f"IP {addresses(before)} is gone"
    if before:
        return f"IP {addresses(before)} → {addresses(after)}"
    if last == after:
        return f"IP {addresses(after)} (as before)"
    return f"IP {addresses(after)} (was {addresses(last)})" if last else f"IP {addresses(after)}"
