"""A problem as a JSON value: the same wherever one is written."""

from __future__ import annotations

from pausetui.core.json_value import Json
from pausetui.core.observation import Problem


def problem_to_json(problem: Problem) -> dict[str, Json]:
    """All four of its texts."""
    return {"subject": problem.subject, "what": problem.what, "why": problem.why, "next": problem.next}
