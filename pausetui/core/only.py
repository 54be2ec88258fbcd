"""Part of a picture: the pods of one Kubernetes namespace."""

from __future__ import annotations

from dataclasses import replace

from pausetui.core.changes import Change
from pausetui.core.snapshot import Snapshot


def only_namespace(snapshot: Snapshot, namespace: str | None) -> Snapshot:
    """A snapshot with the pods of this namespace alone, and without the problems of the others; None is all."""
    if namespace is None:
        return snapshot
    others = {
        key
        for pod in snapshot.pods
        if pod.namespace != namespace
        for key in (pod.key, *(container.key for container in pod.containers()))
    }
    return replace(
        snapshot,
        pods=tuple(pod for pod in snapshot.pods if pod.namespace == namespace),
        problems=tuple(problem for problem in snapshot.problems if problem.subject not in others),
    )


def is_of_namespace(change: Change, namespace: str | None) -> bool:
    """Whether a change is about a pod of this namespace, or about no pod at all; None is every one."""
    return namespace is None or not change.pod_key or change.pod.startswith(f"{namespace}/")
