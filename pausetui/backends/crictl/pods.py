"""What the runtime said as records of pods. Pure.

Several sandboxes of one pod are one pod with a history: the newest is what it is now.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pausetui.backends.crictl.answers import ListedContainer, ListedSandbox, PodName
from pausetui.backends.crictl.asking import Answers
from pausetui.backends.crictl.containers import has_no_pause, member_records, pause_record
from pausetui.backends.crictl.details import SandboxDetail
from pausetui.backends.crictl.inspecting import RETRY
from pausetui.backends.crictl.kubelet import Kubelet
from pausetui.backends.crictl.reading import short
from pausetui.core.inventory import PodRecord, PodState, Role, Sandbox
from pausetui.core.keys import container_key
from pausetui.core.observation import Problem

BACKEND = "backend:crictl"
"""The subject of problems that are about no pod."""

_AGAIN = f"It is asked again every {RETRY:.0f} s."
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class _Group:
    pod: PodName
    sandboxes: list[ListedSandbox] = field(default_factory=list)
    containers: list[ListedContainer] = field(default_factory=list)


def records(answers: Answers, kubelet: Kubelet) -> tuple[PodRecord, ...]:
    """All pods, each once.

    Args:
        answers: All that the runtime said.
        kubelet: What is known of the node's kubelet.
    """
    return tuple(_record(key, group, answers, kubelet) for key, group in _grouped(answers).items())


def problems(answers: Answers) -> Iterator[Problem]:
    """What could not be asked or read, each beside its pod or container."""
    for each in answers.bad:
        yield Problem(BACKEND, f"entry {short(each.id)}" if each.id else "an entry", each.why)
    for one in answers.sandboxes:
        if one.id in answers.failed:
            what = f"the status of sandbox {short(one.id)}"
            yield Problem(one.pod.key, what, answers.failed[one.id].why, _AGAIN)
    pods = {one.id: one.pod for one in answers.sandboxes}
    for container in answers.containers:
        if container.id in answers.failed:
            key = container_key(_pod_of(container, pods).key, Role.MEMBER, container.name)
            what = f"the status of container {short(container.id)}"
            yield Problem(key, what, answers.failed[container.id].why, _AGAIN)
    if answers.postponed:
        what = f"the status of {answers.postponed} sandboxes and containers"
        yield Problem(BACKEND, what, "the runtime is slow", "They are asked about next.")


def _grouped(answers: Answers) -> dict[str, _Group]:
    groups: dict[str, _Group] = {}
    for sandbox in answers.sandboxes:
        groups.setdefault(sandbox.pod.key, _Group(sandbox.pod)).sandboxes.append(sandbox)
    pods = {sandbox.id: sandbox.pod for sandbox in answers.sandboxes}
    for container in answers.containers:
        pod = _pod_of(container, pods)
        groups.setdefault(pod.key, _Group(pod)).containers.append(container)
    return groups


def _pod_of(container: ListedContainer, pods: dict[str, PodName]) -> PodName:
    """By its sandbox; by its labels if that is gone."""
    return (
        pods.get(container.sandbox_id)
        or container.pod
        or PodName(None, "", f"sandbox {short(container.sandbox_id)}")
    )


def _record(key: str, group: _Group, answers: Answers, kubelet: Kubelet) -> PodRecord:
    newest_first = sorted(group.sandboxes, key=_age, reverse=True)
    newest = newest_first[0] if newest_first else None
    detail = answers.sandbox_details.get(newest.id) if newest else None
    by_kubelet = newest is not None and newest.kubelets
    handler = (newest.runtime_handler if newest else None) or (detail.runtime_handler if detail else None)
    return PodRecord(
        key=key,
        namespace=group.pod.namespace,
        name=group.pod.name,
        uid=group.pod.uid,
        state=newest.state if newest else PodState.UNKNOWN,
        attempt=newest.attempt if newest else None,
        host_network=detail.host_network if detail else None,
        brought_back_by=kubelet.restorer(made_by_kubelet=by_kubelet),
        runtime_addresses=detail.addresses if detail else (),
        sandboxes=tuple(_sandbox(one, answers.sandbox_details.get(one.id)) for one in newest_first),
        pause=pause_record(key, newest_first, answers),
        members=member_records(key, newest_first, group.containers, answers),
        netns_path=detail.netns_path if detail else None,
        note="; ".join(_notes(newest, detail, answers, kubelet)),
        runtime_handler=handler,
        usage=answers.usages.get(newest.id) if newest else None,
    )


def _age(sandbox: ListedSandbox) -> tuple[int, datetime]:
    return sandbox.attempt or 0, sandbox.created_at or _LONG_AGO


def _sandbox(one: ListedSandbox, detail: SandboxDetail | None) -> Sandbox:
    return Sandbox(one.id, one.attempt, one.state, one.created_at, detail.addresses if detail else ())


def _notes(
    newest: ListedSandbox | None, detail: SandboxDetail | None, answers: Answers, kubelet: Kubelet
) -> Iterator[str]:
    if newest is None:
        yield "its sandbox is gone"
        return
    if has_no_pause(newest, answers):
        yield "no pause container: CRI-O holds net, ipc and uts by bind mounts"
    elif detail is not None and detail.shared_pid:
        yield "one pid namespace for all: pause is its pid 1"
    if kubelet.pid is not None and not newest.kubelets:
        yield "not made by kubelet, which removes such pods"
