"""Findings as text and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pausetui.core.doctor.finding import Finding
from pausetui.core.json_value import Json, moment_text
from pausetui.core.observation import Problem
from pausetui.core.wire_problem import problem_to_json
from pausetui.core.wording import plural

DOCTOR_SCHEMA = "pausetui.doctor/1"


def to_json(found: Sequence[Finding], problems: Sequence[Problem], at: datetime, backend: str) -> dict[str, Json]:
    """What ``pausetui doctor -o json`` prints."""
    return {
        "schema": DOCTOR_SCHEMA,
        "at": moment_text(at),
        "backend": backend,
        "findings": [
            {
                "id": one.id,
                "subject": one.subject,
                "title": one.title,
                "means": one.means,
                "evidence": list(one.evidence),
                "do": one.do,
            }
            for one in found
        ],
        "problems": [problem_to_json(one) for one in problems],
    }


def to_text(found: Sequence[Finding], problems: Sequence[Problem], pods: int, backend: str) -> str:
    """The same for a reader. Ends with a line break."""
    lines: list[str] = []
    for one in found:
        lines += [f"{one.id}: {one.title}", f"  {one.means}", *(f"  - {sign}" for sign in one.evidence)]
        lines += [f"  > {one.do}"] if one.do else []
        lines.append("")
    lines += [f"could not see: {one.what}: {one.why}{f' ({one.next})' if one.next else ''}" for one in problems]
    looked = f"{plural(pods, 'pod')} of {backend} looked at"
    lines.append(f"{plural(len(found), 'finding')}, {looked}." if found else f"Nothing found, {looked}.")
    return "\n".join(lines) + "\n"
