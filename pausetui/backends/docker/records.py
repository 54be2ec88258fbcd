"""Groups of containers as records of pods. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

from pausetui.backends.crictl.kubelet import Kubelet
from pausetui.backends.docker.answers import Seen
from pausetui.backends.docker.compose import service
from pausetui.backends.docker.details import Detail
from pausetui.backends.docker.group import Group, How
from pausetui.backends.docker.reading import joined
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
from pausetui.core.keys import container_key

SHARES_NOTHING = "a container that shares nothing"
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_HOST = "host"
_PAUSE = "pause"


def records(groups: tuple[Group, ...], kubelet: Kubelet, *, local: bool = True) -> tuple[PodRecord, ...]:
    """All pods, each under a key of its own.

    Args:
        groups: Which containers are one pod.
        kubelet: What is known of the machine's kubelet.
        local: The engine's pids are those of this machine.
    """
    taken: Counter[str] = Counter()
    found = []
    for group in groups:
        taken[group.key] += 1
        first = next(group.containers(), None)
        again = taken[group.key] > 1
        key = f"{group.key}#{first.id[:12] if first else taken[group.key]}" if again else group.key
        found.append(_Pod(group, key, kubelet, local).record())
    return tuple(found)


class _Pod:
    """One pod on its way to a record."""

    def __init__(self, group: Group, key: str, kubelet: Kubelet, local: bool) -> None:
        self._group = group
        self._key = key
        self._kubelet = kubelet
        self._local = local
        self._pauses = sorted(group.pauses, key=self._age, reverse=True)
        self._members = sorted(group.members, key=self._age)
        shared = Counter(
            mount.source
            for one in self._members
            for mount in {mount.source: mount for mount in (one.detail.mounts if one.detail else ())}.values()
        )
        self._volumes = frozenset(source for source, count in shared.items() if count > 1)

    def record(self) -> PodRecord:
        group = self._group
        pause = self._pauses[0] if self._pauses else None
        first = pause or (self._members[0] if self._members else None)
        network = first.network_mode if first else None
        members = tuple(self._member_records())
        return PodRecord(
            key=self._key,
            namespace=group.namespace,
            name=group.name,
            uid=group.uid,
            state=self._state(),
            attempt=self._attempt(pause),
            host_network=None if network is None else network == _HOST,
            brought_back_by=self._restorer(first),
            runtime_addresses=first.detail.addresses if first and first.detail else (),
            sandboxes=tuple(self._sandboxes()),
            pause=self._pause_record(pause) if pause else None,
            members=members,
            netns_path=first.detail.netns_path if first and first.detail and network != _HOST else None,
            note="; ".join(self._notes(network)),
            shares_nothing=group.how is How.ALONE,
        )

    def _age(self, one: Seen) -> tuple[int, datetime, str]:
        called = self._group.kubelets.get(one.id)
        return (called.attempt or 0) if called else 0, *_made(one)

    def _state(self) -> PodState:
        """That of what holds it: the pause, or the members where there is none."""
        holders = self._pauses[:1] or self._members
        if any(one.state is ContainerState.RUNNING for one in holders):
            return PodState.READY
        known = all(one.state is not ContainerState.UNKNOWN for one in holders)
        return PodState.NOTREADY if known else PodState.UNKNOWN

    def _attempt(self, pause: Seen | None) -> int | None:
        called = self._group.kubelets.get(pause.id) if pause else None
        return called.attempt if called else None

    def _restorer(self, first: Seen | None) -> Restorer | None:
        if self._group.how is How.KUBELET:
            return self._kubelet.restorer(made_by_kubelet=True)
        policy = first.detail.restart_policy if first and first.detail else None
        if policy is None:
            return None
        return Restorer.NOBODY if policy == "no" else Restorer.RESTART_POLICY

    def _sandboxes(self) -> Iterator[Sandbox]:
        if self._group.sandbox is not None:
            created = min((one.created_at or _LONG_AGO for one in self._group.containers()), default=None)
            addresses = self._pauses[0].detail.addresses if self._pauses and self._pauses[0].detail else ()
            yield Sandbox(self._group.sandbox, None, self._state(), created, addresses)
            return
        for one in self._pauses:
            ready = one.state is ContainerState.RUNNING
            yield Sandbox(
                one.id,
                self._attempt(one),
                PodState.READY if ready else PodState.NOTREADY,
                one.created_at,
                one.detail.addresses if one.detail else (),
            )

    def _notes(self, network: str | None) -> Iterator[str]:
        yield from self._group.notes
        if self._group.how is How.ALONE:
            yield SHARES_NOTHING
        if network == _HOST:
            yield "in the host's network"

    def _pause_record(self, pause: Seen) -> ContainerRecord:
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
            previous=tuple(self._past(older) for older in self._pauses[1:]),
        )

    def _member_records(self) -> Iterator[ContainerRecord]:
        """Members in the order in which they were first made; those of one name are one with a history."""
        by_name: dict[str, list[Seen]] = {}
        for one in self._members:
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
        told = joined(one.network_mode)
        pauses = [pause.id for pause in self._pauses]
        return told if told in pauses else (pauses[0] if pauses else None)

    def _container(self, one: Seen, role: Role, name: str) -> ContainerRecord:
        detail = one.detail or Detail(one.id, one.listed.state)
        told = joined(one.network_mode)
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
            joins=told,
        )

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
    return one.created_at or _LONG_AGO, one.id
