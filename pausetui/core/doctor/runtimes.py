"""What can be wrong with a runtime."""

from __future__ import annotations

from collections.abc import Iterator

from pausetui.core.doctor.finding import BACKEND, Examined, Finding, FindingId, is_silence
from pausetui.core.hidden import NO_PERMISSION


def silent_runtimes(examined: Examined) -> Iterator[Finding]:
    """A runtime that is there and does not answer: what is shown of its pods is old, or is somebody else's."""
    for problem in examined.snapshot.problems:
        name = problem.subject.removeprefix(BACKEND)
        if not is_silence(problem) or NO_PERMISSION in problem.why or problem not in examined.before.problems:
            continue
        yield Finding(
            FindingId.RUNTIME_DOES_NOT_ANSWER,
            problem.subject,
            name,
            f"{name} is there and does not answer. What is said of its pods is old, or missing.",
            (f"{problem.what}: {problem.why}",),
            "see whether it runs, and what it says",
            _status(name),
        )


def _status(backend: str) -> str:
    units = {"crictl": "containerd crio", "docker": "docker", "podman": "podman"}.get(backend)
    return f"systemctl status {units}" if units else ""
