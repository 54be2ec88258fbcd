"""The containers of one pod as records: its pause, and its members with their earlier lives. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from pausetui.backends.crictl.answers import ListedContainer, ListedSandbox
from pausetui.backends.crictl.asking import Answers
from pausetui.backends.crictl.details import ContainerDetail, SandboxDetail
from pausetui.backends.crictl.reading import short
from pausetui.backends.crictl.roles import Life, inits
from pausetui.core.inventory import ContainerRecord, ContainerState, PastAttempt, PodState, Role
from pausetui.core.keys import container_key

CRI_O = "cri-o"
"""What CRI-O calls itself. Where it gives no pid there is no pause process: bind mounts hold the namespaces."""

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_DELETED = "deleted"


def pause_record(pod_key: str, sandboxes: Sequence[ListedSandbox], answers: Answers) -> ContainerRecord | None:
    """The pause container of the newest sandbox, or None where there is none.

    Args:
        pod_key: Of the pod.
        sandboxes: Its sandboxes, newest first.
        answers: All that the runtime said.
    """
    if not sandboxes or has_no_pause(sandboxes[0], answers):
        return None
    newest = sandboxes[0]
    detail = answers.sandbox_details.get(newest.id)
    state = _pause_state(newest, detail)
    image = detail.image if detail else None
    return ContainerRecord(
        key=container_key(pod_key, Role.PAUSE, "pause"),
        name="pause",
        role=Role.PAUSE,
        state=state,
        attempt=newest.attempt,
        restarts=newest.attempt,
        runtime_id=newest.id,
        sandbox_id=newest.id,
        image=image,
        pid=(detail.pid or None) if detail and state is ContainerState.RUNNING else None,
        started_at=newest.created_at,
        previous=tuple(
            PastAttempt(attempt=older.attempt, runtime_id=older.id, started_at=older.created_at)
            for older in sandboxes[1:]
        ),
        image_bytes=_size(image, answers),
    )


def has_no_pause(sandbox: ListedSandbox, answers: Answers) -> bool:
    """Whether the runtime made this sandbox without a pause process."""
    detail = answers.sandbox_details.get(sandbox.id)
    return answers.version.name == CRI_O and detail is not None and detail.pid is None


def _pause_state(sandbox: ListedSandbox, detail: SandboxDetail | None) -> ContainerState:
    if sandbox.state is PodState.NOTREADY or (detail is not None and detail.process_status == _DELETED):
        return ContainerState.EXITED
    return ContainerState.RUNNING if sandbox.state is PodState.READY else ContainerState.UNKNOWN


def member_records(
    pod_key: str, sandboxes: Sequence[ListedSandbox], containers: Sequence[ListedContainer], answers: Answers
) -> tuple[ContainerRecord, ...]:
    """The members of a pod: init containers first, else in the order in which they were first made.

    Args:
        pod_key: Of the pod.
        sandboxes: Its sandboxes, newest first.
        containers: All its containers, of all its sandboxes.
        answers: All that the runtime said.
    """
    ages = _ages(sandboxes)
    by_name: dict[str, list[ListedContainer]] = {}
    for one in sorted(containers, key=lambda one: _order(one, ages), reverse=True):
        by_name.setdefault(one.name, []).append(one)
    told = inits(_life(one, answers) for one in containers)
    shared = _shared_volumes([lives[0] for lives in by_name.values()], answers)
    known = {sandbox.id for sandbox in sandboxes}
    records = [_member(pod_key, lives, told, shared, known, answers) for lives in by_name.values()]
    first = {name: min(_made(one) for one in lives) for name, lives in by_name.items()}
    return tuple(
        sorted(records, key=lambda record: (record.role is not Role.INIT, first[record.name], record.name))
    )


def _ages(sandboxes: Sequence[ListedSandbox]) -> dict[str, tuple[int, datetime]]:
    """Each sandbox's place, the oldest being 0, and when it was made."""
    last = len(sandboxes) - 1
    return {one.id: (last - place, one.created_at or _LONG_AGO) for place, one in enumerate(sandboxes)}


def _order(one: ListedContainer, ages: dict[str, tuple[int, datetime]]) -> tuple[int, int, datetime]:
    """Later lives are greater: by sandbox, attempt, time. One of a sandbox that isn't listed is put by time."""
    age = ages.get(one.sandbox_id)
    newest = max((made for _, made in ages.values()), default=_LONG_AGO)
    place = age[0] if age else (len(ages) if _made(one) > newest else -1)
    return place, one.attempt or 0, _made(one)


def _made(one: ListedContainer) -> datetime:
    return one.created_at or _LONG_AGO


def _member(
    pod_key: str,
    lives: Sequence[ListedContainer],
    inits: frozenset[str],
    shared: frozenset[str],
    sandboxes: set[str],
    answers: Answers,
) -> ContainerRecord:
    now = lives[0]
    detail = answers.container_details.get(now.id)
    ended = now.state is ContainerState.EXITED
    return ContainerRecord(
        # One key whatever its role: that it was an init container is often known only when it has ended.
        key=container_key(pod_key, Role.MEMBER, now.name),
        name=now.name,
        role=_role(now, detail, inits),
        state=now.state,
        attempt=now.attempt,
        restarts=now.restarts if now.restarts is not None else now.attempt,
        runtime_id=now.id,
        sandbox_id=now.sandbox_id if now.sandbox_id in sandboxes else None,
        image=_image(now, detail, answers),
        pid=(detail.pid or None) if detail and now.state is ContainerState.RUNNING else None,
        started_at=detail.started_at if detail else None,
        finished_at=detail.finished_at if detail and ended else None,
        exit_code=detail.exit_code if detail and ended else None,
        reason=detail.reason if detail else None,
        previous=tuple(_past(one, answers.container_details.get(one.id)) for one in lives[1:]),
        mounts=tuple(f"{name}:{path}" for name, path in (detail.volumes if detail else ()) if name in shared),
        image_bytes=_size(now.image_ref, answers),
        usage=answers.usages.get(now.id),
        grace_seconds=now.grace_seconds,
    )


def _role(now: ListedContainer, detail: ContainerDetail | None, inits: frozenset[str]) -> Role:
    if detail is not None and detail.joins:
        return Role.EPHEMERAL
    return Role.INIT if now.name in inits else Role.MEMBER


def _past(one: ListedContainer, detail: ContainerDetail | None) -> PastAttempt:
    if detail is None:
        return PastAttempt(attempt=one.attempt, runtime_id=one.id)
    return PastAttempt(
        attempt=one.attempt,
        runtime_id=one.id,
        started_at=detail.started_at,
        finished_at=detail.finished_at,
        exit_code=detail.exit_code,
        reason=detail.reason,
    )


def _life(one: ListedContainer, answers: Answers) -> Life:
    detail = answers.container_details.get(one.id)
    ended = detail.finished_at if detail and one.state is ContainerState.EXITED else None
    return Life(one.name, one.sandbox_id, one.created_at, ended, well=detail is not None and detail.exit_code == 0)


def _shared_volumes(members: Sequence[ListedContainer], answers: Answers) -> frozenset[str]:
    """The volumes that at least two members have."""
    details: Iterator[ContainerDetail] = (
        detail for one in members if (detail := answers.container_details.get(one.id)) is not None
    )
    counts = Counter(name for detail in details for name in {name for name, _ in detail.volumes})
    return frozenset(name for name, count in counts.items() if count > 1)


def _image(now: ListedContainer, detail: ContainerDetail | None, answers: Answers) -> str | None:
    """In the user's words where there are any; else a tag that the runtime has for it, else what it calls it."""
    told = now.image or (detail.image if detail else None)
    if told is not None or now.image_ref is None:
        return told
    image = answers.images.get(now.image_ref)
    tag = image.tag if image else None
    return tag or f"image {short(now.image_ref.removeprefix('sha256:'))}"


def _size(name: str | None, answers: Answers) -> int | None:
    image = answers.images.get(name) if name else None
    return image.size if image else None
