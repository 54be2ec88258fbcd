"""What could not be asked or read, each beside its container. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from pausetui.backends.docker.answers import Answers
from pausetui.backends.docker.asking import RETRY
from pausetui.core.inventory import PodRecord
from pausetui.core.observation import Problem

_SHORT = 12


def problems(answers: Answers, pods: tuple[PodRecord, ...], backend: str) -> Iterator[Problem]:
    """Everything that is to be said beside the pods."""
    subject = f"backend:{backend}"
    for each in answers.bad:
        yield Problem(subject, f"entry {each.what} of the list", each.why)
    keys = {
        record.runtime_id: record.key
        for pod in pods
        for record in (*((pod.pause,) if pod.pause else ()), *pod.members)
    }
    for id_, why in answers.failed.items():
        next_step = f"It is asked again every {RETRY:.0f} s."
        yield Problem(keys.get(id_, subject), f"the state of container {id_[:_SHORT]}", why, next_step)
    if answers.postponed:
        what = f"the state of {answers.postponed} containers"
        yield Problem(subject, what, f"{answers.version.name} is slow", "They are asked about next.")
