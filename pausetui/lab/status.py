"""What the lab tells about itself, as JSON between its processes and as objects to everybody else."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from pausetui.core.inventory import (
    ContainerRecord,
    ContainerState,
    PastAttempt,
    PodRecord,
    PodState,
    Restorer,
    Role,
    Sandbox,
)
from pausetui.core.observation import Problem, ProcessId
from pausetui.errors import NotOurFormat
from pausetui.text import harmless

SCHEMA = "pausetui.lab/1"
"""Of ``pausetui lab status -o json``; raised when a field is renamed or removed."""
Json = dict[str, Any]
"""Decoded JSON; everything taken from it is checked where it is taken."""


@dataclass(frozen=True, slots=True)
class LabStatus:
    """The lab as it is now.

    Attributes:
        pid: The process that keeps it: ending it ends the lab.
        owner: The pid of the program that it lives and dies with, or None if it stands alone.
        version: Of the pausetui that started it.
        waiting: What its pods still lack, in words; () when everything is up.
    """

    pid: int
    owner: int | None
    started_at: datetime
    version: str
    pods: tuple[PodRecord, ...] = ()
    waiting: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


def pods_as_json(pods: Sequence[PodRecord], waiting: Sequence[str], problems: Sequence[Problem]) -> Json:
    """The supervisor's part of a status."""
    return {
        "pods": [asdict(pod) for pod in pods],
        "waiting": list(waiting),
        "problems": [asdict(problem) for problem in problems],
    }


def line(document: Mapping[str, Any]) -> bytes:
    """A JSON object on a line of its own."""
    return json.dumps(document, default=_plain, separators=(",", ":")).encode() + b"\n"


def parsed(data: bytes) -> Json:
    """A line as a JSON object.

    Raises:
        NotOurFormat: It is none.
    """
    try:
        document = json.loads(data)
    except ValueError as error:
        raise NotOurFormat("reading what the lab says", str(error)) from error
    if not isinstance(document, dict):
        raise NotOurFormat("reading what the lab says", "it is no JSON object")
    return document


def status_from_json(document: Json) -> LabStatus:
    """A status as an object.

    Raises:
        NotOurFormat: Something is missing or of another type: it was written by another version.
    """
    try:
        if document["schema"] != SCHEMA:
            raise ValueError(f"schema {document['schema']}")
        return LabStatus(
            pid=int(document["pid"]),
            owner=document["owner"],
            started_at=datetime.fromisoformat(document["started_at"]),
            version=harmless(document["version"]),
            pods=tuple(_pod(pod) for pod in document["pods"]),
            waiting=tuple(harmless(text) for text in document["waiting"]),
            problems=tuple(Problem(**problem) for problem in document["problems"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NotOurFormat(
            "reading what the lab says",
            f"it is not what this version expects ({type(error).__name__}: {error})",
            "Was it started by another version? Stop it with: pausetui lab down",
        ) from error


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _pod(pod: Json) -> PodRecord:
    return PodRecord(
        **{
            **pod,
            "name": harmless(pod["name"]),
            "note": harmless(pod["note"]),
            "state": PodState(pod["state"]),
            "brought_back_by": Restorer(pod["brought_back_by"]) if pod["brought_back_by"] else None,
            "runtime_addresses": tuple(pod["runtime_addresses"]),
            "sandboxes": tuple(_sandbox(sandbox) for sandbox in pod["sandboxes"]),
            "pause": _container(pod["pause"]) if pod["pause"] else None,
            "members": tuple(_container(member) for member in pod["members"]),
        }
    )


def _sandbox(sandbox: Json) -> Sandbox:
    return Sandbox(sandbox["id"], sandbox["attempt"], PodState(sandbox["state"]), _moment(sandbox["created_at"]))


def _container(container: Json) -> ContainerRecord:
    process = container["process"]
    return ContainerRecord(
        **{
            **container,
            "name": harmless(container["name"]),
            "role": Role(container["role"]),
            "state": ContainerState(container["state"]),
            "process": ProcessId(int(process["pid"]), int(process["start_ticks"])) if process else None,
            "started_at": _moment(container["started_at"]),
            "finished_at": _moment(container["finished_at"]),
            "reason": harmless(container["reason"]) if container["reason"] else None,
            "previous": tuple(_past(past) for past in container["previous"]),
            "mounts": tuple(container["mounts"]),
            "evidence": tuple(container["evidence"]),
        }
    )


def _past(past: Json) -> PastAttempt:
    moments = {"started_at": _moment(past["started_at"]), "finished_at": _moment(past["finished_at"])}
    return PastAttempt(**{**past, **moments})


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
