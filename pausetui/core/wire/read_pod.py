"""Pods, containers, processes and namespaces out of JSON values."""

from __future__ import annotations

from pausetui.core.inventory import ContainerState, PastAttempt, PodState, Restorer, Role, Sandbox, Usage
from pausetui.core.json_value import At
from pausetui.core.namespaces import KINDS, IdentifiedBy, NamespaceId, NamespaceKind, Namespaces
from pausetui.core.observation import LinkState, ProcessId, Vitals
from pausetui.core.snapshot import Container, ContainerProcess, Pod, PodPin, Sharer
from pausetui.errors import NotOurFormat


def read_pod(at: At, vitals: dict[ProcessId, Vitals]) -> Pod:
    """A pod; what is known of its processes' vitals goes into ``vitals``."""

    def container(one: At) -> Container:
        return _container(one, vitals)

    return Pod(
        key=at["key"].text(),
        backend=at["backend"].text(),
        namespace=at["namespace"].text(),
        name=at["name"].text(),
        uid=at["uid"].text_or_none(),
        state=at["state"].one_of(PodState),
        attempt=at["attempt"].integer_or_none(),
        host_network=at["host_network"].optional(At.truth),
        brought_back_by=at["brought_back_by"].optional(lambda one: one.one_of(Restorer)),
        addresses=at["addresses"].optional(At.texts),
        runtime_addresses=at["runtime_addresses"].texts(),
        sandboxes=at["sandboxes"].each(_sandbox),
        pause=at["pause"].optional(container),
        members=at["members"].each(container),
        orphans=at.get("orphans", At.texts, ()),
        sharers=at.get("sharers", lambda all_: all_.each(lambda one: _sharer(one, vitals)), ()),
        pins=at.get("pins", lambda all_: all_.each(_pin), ()),
        note=at.get("note", At.text, ""),
        runtime_handler=at.get("runtime_handler", At.text_or_none, None),
        usage=at.get("usage", _usage, None),
        shares_nothing=at.get("shares_nothing", At.truth, False),
        links=at.get("links", lambda one: one.optional(lambda all_: all_.each(_link)), None),
        routes=at.get("routes", lambda one: one.optional(At.texts), None),
    )


def _link(at: At) -> LinkState:
    return LinkState(at["name"].text(), at["state"].text(), at["mtu"].integer())


def _sandbox(at: At) -> Sandbox:
    return Sandbox(
        id=at["id"].text(),
        attempt=at["attempt"].integer_or_none(),
        state=at["state"].one_of(PodState),
        created_at=at["created_at"].moment_or_none(),
        addresses=at.get("addresses", At.texts, ()),
    )


def _usage(at: At) -> Usage | None:
    return at.optional(
        lambda found: Usage(
            at=found["at"].moment_or_none(),
            cpu_seconds=found["cpu_seconds"].number_or_none(),
            memory_bytes=found["memory_bytes"].integer_or_none(),
            writable_bytes=found["writable_bytes"].integer_or_none(),
        )
    )


def _container(at: At, vitals: dict[ProcessId, Vitals]) -> Container:
    process = _main_process(at)
    if process is not None:
        _note_vitals(at, process, vitals)
    return Container(
        key=at["key"].text(),
        name=at["name"].text(),
        role=at["role"].one_of(Role),
        state=at["state"].one_of(ContainerState),
        attempt=at["attempt"].integer_or_none(),
        restarts=at["restarts"].integer_or_none(),
        runtime_id=at["runtime_id"].text_or_none(),
        sandbox_id=at["sandbox_id"].text_or_none(),
        image=at["image"].text_or_none(),
        process=process,
        started_at=at["started_at"].moment_or_none(),
        finished_at=at["finished_at"].moment_or_none(),
        exit_code=at["exit_code"].integer_or_none(),
        reason=at["reason"].text_or_none(),
        previous=at["previous"].each(_past),
        processes=at["processes"].each(lambda one: _process(one, vitals)),
        namespaces=read_namespaces(at["namespaces"]),
        cannot_read=at.get("cannot_read", At.truth, False),
        mounts=at.get("mounts", At.texts, ()),
        evidence=at.get("evidence", At.texts, ()),
        command=at.get("command", At.texts, ()),
        image_bytes=at.get("image_bytes", At.integer_or_none, None),
        usage=at.get("usage", _usage, None),
        grace_seconds=at.get("grace_seconds", At.number_or_none, None),
        stranded_with=at.get("stranded_with", lambda one: one.optional(At.texts), None),
        restart_policy=at.get("restart_policy", At.text_or_none, None),
        joins=at.get("joins", At.text_or_none, None),
    )


def _main_process(at: At) -> ProcessId | None:
    pid = at["pid"].integer_or_none()
    ticks = at["pid_start_ticks"].integer_or_none()
    if pid is None and ticks is None:
        return None
    if pid is None or ticks is None:
        raise NotOurFormat(at.what, f"{at.path} has only one of 'pid' and 'pid_start_ticks'")
    return ProcessId(pid, ticks)


def _past(at: At) -> PastAttempt:
    return PastAttempt(
        attempt=at["attempt"].integer_or_none(),
        runtime_id=at.get("runtime_id", At.text_or_none, None),
        pid=at.get("pid", At.integer_or_none, None),
        started_at=at.get("started_at", At.moment_or_none, None),
        finished_at=at.get("finished_at", At.moment_or_none, None),
        exit_code=at.get("exit_code", At.integer_or_none, None),
        reason=at.get("reason", At.text_or_none, None),
    )


def _process(at: At, vitals: dict[ProcessId, Vitals]) -> ContainerProcess:
    differing = at["namespaces"]
    process = _process_id(at)
    _note_vitals(at, process, vitals)
    return ContainerProcess(
        id=process,
        name=at["name"].text(),
        differs=tuple(read_namespace(differing[kind], kind) for kind in _kinds_of(differing)),
        namespace_pids=at.get("namespace_pids", lambda one: one.each(At.integer), ()) or _pids(at, process),
        zombie=at.get("zombie", At.truth, False),
        parent=at.get("parent", At.integer, 0),
    )


def _pids(at: At, process: ProcessId) -> tuple[int, ...]:
    """As far as they follow from the innermost alone, which is all that was written once."""
    inner = at.get("inner_pid", At.integer_or_none, None)
    if inner is None:
        return ()
    return (process.pid,) if inner == process.pid else (process.pid, inner)


def _kinds_of(at: At) -> tuple[NamespaceKind, ...]:
    if not isinstance(at.value, dict):
        raise at.wrong("an object")
    known = {kind.value: kind for kind in KINDS}
    return tuple(known[key] for key in at.value if key in known)


def _sharer(at: At, vitals: dict[ProcessId, Vitals]) -> Sharer:
    process = _process_id(at)
    _note_vitals(at, process, vitals)
    return Sharer(process, at["name"].text(), at["kinds"].each(lambda one: one.one_of(NamespaceKind)))


def _pin(at: At) -> PodPin:
    return PodPin(at["kind"].one_of(NamespaceKind), at["path"].text())


def _process_id(at: At) -> ProcessId:
    return ProcessId(at["pid"].integer(), at["start_ticks"].integer())


def _note_vitals(at: At, process: ProcessId, vitals: dict[ProcessId, Vitals]) -> None:
    state = at.get("process_state", At.text_or_none, None)
    if state is not None:
        vitals[process] = Vitals(
            state=state,
            rss_bytes=at.get("rss_bytes", At.integer_or_none, None),
            cpu_percent=at.get("cpu_percent", At.number_or_none, None),
            sockets=at.get("sockets", At.integer_or_none, None),
        )


def read_namespaces(at: At) -> Namespaces:
    """All eight kinds, each an object or null."""

    def one(kind: NamespaceKind) -> NamespaceId | None:
        return at[kind.value].optional(lambda found: read_namespace(found, kind))

    return Namespaces(**{kind.value: one(kind) for kind in KINDS})


def read_namespace(at: At, kind: NamespaceKind) -> NamespaceId:
    """A namespace whose kind is told by where it stands."""
    return NamespaceId(
        kind=kind,
        inode=at["inode"].integer(),
        id=at["id"].integer_or_none(),
        identified_by=at["identified_by"].one_of(IdentifiedBy),
        generation=at.get("generation", At.integer, 0),
    )
