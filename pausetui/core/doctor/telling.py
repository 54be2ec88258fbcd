"""A check-up as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterator

from pausetui.core.doctor.finding import CheckUp, Finding
from pausetui.core.json_value import Json, moment_text
from pausetui.core.observation import Problem
from pausetui.core.wire.problem import problem_to_json
from pausetui.core.wording import plural

DOCTOR_SCHEMA = "pausetui.doctor/1"


def to_json(found: CheckUp) -> dict[str, Json]:
    """What ``pausetui doctor -o json`` prints."""
    return {
        "schema": DOCTOR_SCHEMA,
        "at": moment_text(found.at),
        "backend": found.backend,
        "pods": found.pods,
        "findings": [
            {
                "id": one.id,
                "subject": one.subject,
                "title": one.title,
                "means": one.means,
                "evidence": list(one.evidence),
                "do": one.do,
                "command": one.command,
            }
            for one in found.findings
        ],
        "problems": [problem_to_json(one) for one in found.problems],
    }


def to_text(found: CheckUp) -> str:
    """The same for a reader. Ends with a line break."""
    lines = [line for one in found.findings for line in _finding(one)]
    lines += [f"could not see: {unseen(one)}" for one in found.problems]
    return "\n".join([*lines, summary(found)]) + "\n"


def summary(found: CheckUp) -> str:
    """How much was found, and in what, in a sentence."""
    count = plural(len(found.findings), "finding") if found.findings else "Nothing found"
    return f"{count}, {plural(found.pods, 'pod')} of {found.backend} looked at."


def unseen(problem: Problem) -> str:
    """What could not be seen, why, and what helps."""
    return f"{problem.what}: {problem.why}{f' ({problem.next})' if problem.next else ''}"


def _finding(one: Finding) -> Iterator[str]:
    yield f"{one.id}: {one.title}"
    yield f"  {one.means}"
    yield from (f"  - {sign}" for sign in one.evidence)
    if one.do:
        yield f"  > {one.do}"
    if one.command:
        yield f"  $ {one.command}"
    yield ""
