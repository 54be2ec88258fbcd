"""What could not be asked or read, and what can't start again, each beside its container or pod. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from pausetui.backends.docker.answers import Answers, Seen
from pausetui.backends.docker.asking import RETRY
from pausetui.backends.docker.compose import remake_command
from pausetui.core.inventory import ContainerRecord, PodRecord, Restorer
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
    yield from _bereft(answers, pods)


def _bereft(answers: Answers, pods: tuple[PodRecord, ...]) -> Iterator[Problem]:
    """Members that refer by its id to a container that is gone: the engine refuses to start them again."""
    there = {one.id: one for one in answers.containers}
    named = {one.listed.name for one in answers.containers}
    for pod in pods:
        if pod.brought_back_by is Restorer.KUBELET:
            continue  # it makes members anew, it does not start them again
        gone: dict[str, list[ContainerRecord]] = {}
        for member in pod.members:
            if member.joins is not None and member.joins not in there and member.joins not in named:
                gone.setdefault(member.joins, []).append(member)
        for id_, members in gone.items():
            names = ", ".join(member.name for member in members)
            seen = [there[member.runtime_id] for member in members if member.runtime_id in there]
            yield Problem(
                pod.key,
                f"{names} can't be started again",
                f"the container is gone whose network {'it' if len(members) == 1 else 'they'} joined "
                f"({id_[:_SHORT]})",
                f"make anew: {_made_anew(seen, pod, answers.version.name)}",
            )


def _made_anew(seen: list[Seen], pod: PodRecord, program: str) -> str:
    command = remake_command(program, (one.listed for one in seen))
    if command:
        return command
    removed = shlex.join((program, "rm", "-f", *(one.listed.name for one in seen)))
    joined = pod.pause.name if pod.pause else "NAME"
    return f"{removed}, then {program} run … --network container:{joined} …"
