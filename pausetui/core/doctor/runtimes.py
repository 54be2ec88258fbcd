"""What can be wrong with a runtime."""

from __future__ import annotations

from collections.abc import Iterator

from pausetui.core.doctor.finding import BACKEND, Examined, Finding, FindingId
from pausetui.core.hidden import NO_PERMISSION

NO_RUNTIME = ("does not serve the CRI", "is no CRI runtime")
"""Why crictl gets no answer where nobody is who could give one: Docker's own containerd, say."""


def silent_runtimes(examined: Examined) -> Iterator[Finding]:
    """A runtime that is there and does not answer: what is shown of its pods is old, or is somebody else's."""
    for problem in examined.snapshot.problems:
        name = problem.subject.removeprefix(BACKEND)
        is_none = any(word in problem.why for word in (NO_PERMISSION, *NO_RUNTIME))
        if name == problem.subject or is_none or problem not in examined.before.problems:
            continue
        yield Finding(
            FindingId.RUNTIME_DOES_NOT_ANSWER,
            problem.subject,
            name,
            f"{name} is there and does not answer. What is said of its pods is old, or missing.",
            (f"{problem.what}: {problem.why}",),
            problem.next or "see whether it runs, and what it says",
            _status(name),
        )


def _status(backend: str) -> str:
    units = {"crictl": "containerd crio", "docker": "docker", "podman": "podman"}.get(backend)
    return f"systemctl status {units}" if units else ""
