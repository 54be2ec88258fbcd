"""What a backend of Docker or Podman and the kernel say together, and what an offer of it does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime

from pausetui.backends.docker.backend import DockerBackend, EngineBackend, PodmanBackend
from pausetui.backends.docker.finding import DockerOptions
from pausetui.core.actions import Action, ActionKind, NotPossible, Offer
from pausetui.core.inventory import Inventory, PodRecord
from pausetui.core.join import join
from pausetui.core.predict.offers import offer
from pausetui.core.snapshot import Container, Pod, Snapshot
from pausetui.kernel.host import HostRoot
from pausetui.kernel.observer import Observer
from tests.real.dockers import DockerBed
from tests.real.podmans import PodmanBed


class Looking:
    """A backend and a kernel."""

    def __init__(self, backend: EngineBackend, observer: Observer) -> None:
        self.backend = backend
        self.observer = observer

    def inventory(self) -> Inventory:
        return self.backend.inventory(self.observer.observe())

    def snapshot(self) -> Snapshot:
        return join(self.inventory(), self.observer.observe(), datetime.now(UTC))

    def record(self, name: str) -> PodRecord:
        return next(pod for pod in self.inventory().pods if pod.name == name)

    def pod(self, name: str) -> Pod:
        return next(pod for pod in self.snapshot().pods if pod.name == name)

    def orphans(self, name: str) -> list[str]:
        """The names of the members that are orphaned."""
        pod = self.pod(name)
        return [member.name for member in pod.members if member.key in pod.orphans]

    def offer(self, kind: ActionKind, pod: str, container: str | None = None) -> Offer | NotPossible:
        """What is offered for a pod, or for a container of it."""
        snapshot = self.snapshot()
        chosen = next(each for each in snapshot.pods if each.name == pod)
        key = chosen.key if container is None else member(chosen, container).key
        return offer(snapshot, kind, key)

    def do(self, kind: ActionKind, pod: str, container: str | None = None) -> Offer:
        """Do it as it is done when somebody confirms it; what was offered."""
        offered = self.offer(kind, pod, container)
        assert isinstance(offered, Offer), offered
        action = Action(
            "1",
            offered.kind,
            offered.pod_key,
            offered.container_key,
            offered.subject,
            offered.target,
            offered.runtime_id,
            offered.grace_seconds,
            offered.members,
        )
        assert self.backend.perform(action, None)
        return offered


def member(pod: Pod, name: str) -> Container:
    return next(each for each in pod.containers() if each.name == name)


@contextmanager
def looking(bed: DockerBed | PodmanBed) -> Iterator[Looking]:
    made = DockerBackend if isinstance(bed, DockerBed) else PodmanBackend
    with (
        closing(made(HostRoot(), DockerOptions(host=bed.endpoint), {})) as backend,
        closing(Observer(HostRoot())) as observer,
    ):
        yield Looking(backend, observer)
