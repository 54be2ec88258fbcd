"""The model as JSON values. Every key is always there; what is not known is null."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from pausetui.core.changes import Event, Fact
from pausetui.core.inventory import PastAttempt, Sandbox, Usage
from pausetui.core.json_value import Json, moment_text
from pausetui.core.namespace_list import ListedNamespace, listed_namespaces
from pausetui.core.namespaces import NamespaceId, Namespaces
from pausetui.core.observation import LinkState, ProcessId, Vitals
from pausetui.core.snapshot import Container, ContainerProcess, Pod, Sharer, Snapshot, Unclaimed
from pausetui.core.wire.holding import holding_to_json
from pausetui.core.wire.network import network_to_json
from pausetui.core.wire.problem import problem_to_json

SNAPSHOT_SCHEMA = "pausetui.snapshot/1"
CHANGE_SCHEMA = "pausetui.change/1"


def snapshot_to_json(snapshot: Snapshot) -> dict[str, Json]:
    """A snapshot as the object that ``pausetui snapshot -o json`` prints."""
    node = snapshot.node
    runtime = snapshot.runtime
    return {
        "schema": SNAPSHOT_SCHEMA,
        "taken_at": moment_text(snapshot.taken_at),
        "observed_at": moment_text(snapshot.observed_at),
        "inventory_at": _moment(snapshot.inventory_at),
        "stale": snapshot.stale,
        "node": {
            "hostname": node.hostname,
            "kernel": node.kernel,
            "boot_id": node.boot_id,
            "pausetui": node.pausetui,
        },
        "backend": snapshot.backend,
        "runtime": {
            "name": runtime.name,
            "version": runtime.version,
            "endpoint": runtime.endpoint,
            "found_by": runtime.found_by,
            "command": list(runtime.command),
        },
        "remarks": list(snapshot.remarks),
        "read_only_because": snapshot.read_only_because,
        "host_namespaces": _namespaces(snapshot.host),
        "pods": [_pod(pod, snapshot) for pod in snapshot.pods],
        "namespaces": [_listed(one) for one in listed_namespaces(snapshot)],
        "unclaimed": [_unclaimed(one) for one in snapshot.unclaimed],
        "problems": [problem_to_json(problem) for problem in snapshot.problems],
    }


def event_to_json(event: Event) -> dict[str, Json]:
    """A change as the object that ``pausetui watch -o json`` prints."""
    change = event.change
    return {
        "schema": CHANGE_SCHEMA,
        "seq": event.seq,
        "at": moment_text(event.at),
        "pod": change.pod,
        "pod_key": change.pod_key,
        "container_key": change.container_key,
        "kind": change.kind.value,
        "before": fact_to_json(change.before),
        "after": fact_to_json(change.after),
        "action_id": event.action_id,
        "seconds_after": event.seconds_after,
        "before_you_came": event.before_you_came,
        "text": change.text,
    }


def fact_to_json(fact: Fact) -> Json:
    """One side of a change; its JSON type tells which fact it is, and only a namespace is an object."""
    if isinstance(fact, NamespaceId):
        return {"kind": fact.kind.value, **_namespace(fact)}
    if isinstance(fact, tuple):
        return list(fact)
    return fact.value if isinstance(fact, StrEnum) else fact


def _pod(pod: Pod, snapshot: Snapshot) -> dict[str, Json]:
    vitals = snapshot.vitals
    return {
        "key": pod.key,
        "backend": pod.backend,
        "namespace": pod.namespace,
        "name": pod.name,
        "uid": pod.uid,
        "state": pod.state.value,
        "attempt": pod.attempt,
        "host_network": pod.host_network,
        "brought_back_by": pod.brought_back_by.value if pod.brought_back_by else None,
        "addresses": None if pod.addresses is None else list(pod.addresses),
        "runtime_addresses": list(pod.runtime_addresses),
        "sandboxes": [_sandbox(sandbox) for sandbox in pod.sandboxes],
        "pause": None if pod.pause is None else _container(pod.pause, vitals),
        "members": [_container(member, vitals) for member in pod.members],
        "orphans": list(pod.orphans),
        "sharers": [_sharer(sharer, vitals) for sharer in pod.sharers],
        "pins": [{"kind": pin.kind.value, "path": pin.path} for pin in pod.pins],
        "note": pod.note,
        "network": network_to_json(snapshot.networks.get(pod.key)),
        "runtime_handler": pod.runtime_handler,
        "usage": _usage(pod.usage),
        "shares_nothing": pod.shares_nothing,
        "links": None if pod.links is None else [_link(link) for link in pod.links],
        "routes": None if pod.routes is None else list(pod.routes),
    }


def _link(link: LinkState) -> dict[str, Json]:
    return {"name": link.name, "state": link.state, "mtu": link.mtu}


def _sandbox(sandbox: Sandbox) -> dict[str, Json]:
    return {
        "id": sandbox.id,
        "attempt": sandbox.attempt,
        "state": sandbox.state.value,
        "created_at": _moment(sandbox.created_at),
        "addresses": list(sandbox.addresses),
    }


def _usage(usage: Usage | None) -> Json:
    if usage is None:
        return None
    return {
        "at": _moment(usage.at),
        "cpu_seconds": usage.cpu_seconds,
        "memory_bytes": usage.memory_bytes,
        "writable_bytes": usage.writable_bytes,
    }


def _container(container: Container, vitals: Mapping[ProcessId, Vitals]) -> dict[str, Json]:
    process = container.process
    return {
        "key": container.key,
        "name": container.name,
        "role": container.role.value,
        "state": container.state.value,
        "attempt": container.attempt,
        "restarts": container.restarts,
        "runtime_id": container.runtime_id,
        "sandbox_id": container.sandbox_id,
        "image": container.image,
        "pid": process.pid if process else None,
        "pid_start_ticks": process.start_ticks if process else None,
        "started_at": _moment(container.started_at),
        "finished_at": _moment(container.finished_at),
        "exit_code": container.exit_code,
        "reason": container.reason,
        "previous": [_past(past) for past in container.previous],
        "processes": [_process(process, vitals) for process in container.processes],
        "namespaces": _namespaces(container.namespaces),
        "cannot_read": container.cannot_read,
        "command": list(container.command),
        "mounts": list(container.mounts),
        "evidence": list(container.evidence),
        "image_bytes": container.image_bytes,
        "usage": _usage(container.usage),
        "grace_seconds": container.grace_seconds,
        "stranded_with": None if container.stranded_with is None else list(container.stranded_with),
        "restart_policy": container.restart_policy,
        "joins": container.joins,
        **_vitals(vitals.get(process) if process else None),
    }


def _past(past: PastAttempt) -> dict[str, Json]:
    return {
        "attempt": past.attempt,
        "runtime_id": past.runtime_id,
        "pid": past.pid,
        "started_at": _moment(past.started_at),
        "finished_at": _moment(past.finished_at),
        "exit_code": past.exit_code,
        "reason": past.reason,
    }


def _process(process: ContainerProcess, vitals: Mapping[ProcessId, Vitals]) -> dict[str, Json]:
    return {
        **_process_id(process.id),
        "name": process.name,
        "parent": process.parent,
        "namespace_pids": list(process.namespace_pids),
        "inner_pid": process.inner_pid,
        "zombie": process.zombie,
        "namespaces": {namespace.kind.value: _namespace(namespace) for namespace in process.differs},
        **_vitals(vitals.get(process.id)),
    }


def _sharer(sharer: Sharer, vitals: Mapping[ProcessId, Vitals]) -> dict[str, Json]:
    return {
        **_process_id(sharer.id),
        "name": sharer.name,
        "kinds": [kind.value for kind in sharer.kinds],
        **_vitals(vitals.get(sharer.id)),
    }


def _process_id(process: ProcessId) -> dict[str, Json]:
    return {"pid": process.pid, "start_ticks": process.start_ticks}


def _vitals(vitals: Vitals | None) -> dict[str, Json]:
    if vitals is None:
        return {"process_state": None, "rss_bytes": None, "cpu_percent": None, "sockets": None}
    return {
        "process_state": vitals.state,
        "rss_bytes": vitals.rss_bytes,
        "cpu_percent": vitals.cpu_percent,
        "sockets": vitals.sockets,
    }


def _listed(one: ListedNamespace) -> dict[str, Json]:
    return {
        "kind": one.namespace.kind.value,
        **_namespace(one.namespace),
        "sharers": list(one.sharers),
        "holders": [
            {**_process_id(holder.id), "name": holder.name, "container_key": holder.container_key}
            for holder in one.holders
        ],
        "pins": list(one.pins),
        **holding_to_json(one.holding),
    }


def _unclaimed(one: Unclaimed) -> dict[str, Json]:
    return {
        "kind": one.namespace.kind.value,
        **_namespace(one.namespace),
        "pins": list(one.paths),
        "addresses": None if one.addresses is None else list(one.addresses),
        "pins_elsewhere": [{"path": path, "pid": pid} for path, pid in one.elsewhere.items()],
    }


def _namespaces(namespaces: Namespaces) -> dict[str, Json]:
    return {kind.value: _namespace(one) if one else None for kind, one in namespaces.items()}


def _namespace(namespace: NamespaceId) -> dict[str, Json]:
    return {
        "inode": namespace.inode,
        "id": namespace.id,
        "identified_by": namespace.identified_by.value,
        "generation": namespace.generation,
    }


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else moment_text(moment)
