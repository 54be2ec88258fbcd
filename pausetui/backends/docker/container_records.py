"""The containers of one pod as records. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from pausetui.backends.docker.answers import Seen
from pausetui.backends.docker.compose import service
from pausetui.backends.docker.details import Detail
from pausetui.backends.docker.group import Group, How
from pausetui.backends.docker.reading import joined
from pausetui.core.inventory import ContainerRecord, PastAttempt, Role
from pausetui.core.keys import container_key

LONG_AGO = datetime.min.replace(tzinfo=UTC)
_PAUSE = "pause"


class Containers:
    """The containers of one pod on their way to records.

    Attributes:
        pauses: Those that hold it, newest first.
        members: All others, oldest first.
    """

    def __init__(self, group: Group, key: str, *, local: bool) -> None:
        """Args:
        group: The pod.
        key: The pod's.
        local: The engine's pids are those of this machine.
        """
        self._group = group
        self._key = key
        self._local = local
        self.pauses = sorted(group.pauses, key=self._age, reverse=True)
        self.members = sorted(group.members, key=self._age)
        shared = Counter(
            mount.source
            for one in self.members
            for mount in {mount.source: mount for mount in (one.detail.mounts if one.detail else ())}.values()
        )
        self._ids = group.ids()
        self._volumes = frozenset(source for source, count in shared.items() if count > 1)

    def _age(self, one: Seen) -> tuple[int, datetime, str]:
        called = self._group.kubelets.get(one.id)
        return (called.attempt or 0) if called else 0, *_made(one)

    def pause_record(self) -> ContainerRecord | None:
        """The newest of the pauses, with the others as its earlier lives."""
        if not self.pauses:
            return None
        pause, *older = self.pauses
        called = self._group.kubelets.get(pause.id)
        own_name = called is None and self._group.how is not How.PODMAN
        record = self._container(pause, Role.PAUSE, pause.listed.name if own_name else _PAUSE)
        return replace(
            record,
            key=container_key(self._key, Role.PAUSE, _PAUSE),
            attempt=called.attempt if called else None,
            restarts=called.attempt if called else record.restarts,
            sandbox_id=self._group.sandbox or pause.id,
            evidence=self._group.evidence,
            previous=tuple(self._past(one) for one in older),
        )

    def member_records(self) -> Iterator[ContainerRecord]:
        """Members in the order in which they were first made; those of one name are one with a history."""
        by_name: dict[str, list[Seen]] = {}
        for one in self.members:
            by_name.setdefault(self._name(one), []).append(one)
        for name, lives in sorted(by_name.items(), key=lambda item: min(map(_made, item[1]))):
            newest, *older = reversed(lives)
            called = self._group.kubelets.get(newest.id)
            record = self._container(newest, Role.MEMBER, name)
            yield replace(
                record,
                attempt=called.attempt if called else None,
                restarts=called.attempt if called else record.restarts,
                sandbox_id=self._sandbox_of(newest),
                previous=tuple(self._past(life) for life in older),
            )

    def _name(self, one: Seen) -> str:
        called = self._group.kubelets.get(one.id)
        if called is not None:
            return called.container
        of = service(one.listed)
        own = of.name if of is not None and of.project == self._group.project else one.listed.name
        kubelets = {called.container for called in self._group.kubelets.values()}
        return f"{own} ({one.id[:12]})" if own in kubelets else own

    def _sandbox_of(self, one: Seen) -> str | None:
        if self._group.sandbox is not None:
            return self._group.sandbox
        told = self._joins(one)
        pauses = [pause.id for pause in self.pauses]
        return told if told in pauses else (pauses[0] if pauses else None)

    def _container(self, one: Seen, role: Role, name: str) -> ContainerRecord:
        detail = one.detail or Detail(one.id, one.listed.state)
        return ContainerRecord(
            key=container_key(self._key, role, name),
            name=name,
            role=role,
            state=detail.state,
            restarts=detail.restarts,
            runtime_id=one.id,
            image=one.listed.image,
            pid=detail.pid if self._local else None,
            started_at=detail.started_at,
            finished_at=detail.finished_at,
            exit_code=detail.exit_code,
            reason=detail.reason,
            mounts=tuple(
                f"{mount.source}:{mount.path}" for mount in detail.mounts if mount.source in self._volumes
            ),
            grace_seconds=detail.grace_seconds,
            restart_policy=detail.restart_policy,
            joins=self._joins(one),
            start_error=detail.start_error,
        )

    def _joins(self, one: Seen) -> str | None:
        """The id of the container whose network it was told to join, there or not; None if none."""
        told = joined(one.network_mode)
        return None if told is None else self._ids.get(told, told)

    def _past(self, one: Seen) -> PastAttempt:
        called = self._group.kubelets.get(one.id)
        detail = one.detail or Detail(one.id, one.listed.state)
        return PastAttempt(
            attempt=called.attempt if called else None,
            runtime_id=one.id,
            started_at=detail.started_at,
            finished_at=detail.finished_at,
            exit_code=detail.exit_code,
            reason=detail.reason,
        )


def _made(one: Seen) -> tuple[datetime, str]:
    return one.created_at or LONG_AGO, one.id
