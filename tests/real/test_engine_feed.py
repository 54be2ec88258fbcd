"""A running session over a real engine: it is heard, it goes and comes, it hangs, and nobody is blinded."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path

import pytest

from pausetui.backends.docker.backend import DockerBackend, PodmanBackend
from pausetui.backends.docker.finding import DockerOptions
from pausetui.core.actions import ActionKind, Offer
from pausetui.core.changes import ChangeKind
from pausetui.core.inventory import ContainerState
from pausetui.core.predict.offers import offer
from pausetui.core.snapshot import Pod, Snapshot
from pausetui.kernel.host import HostRoot
from pausetui.kernel.observer import Observer
from pausetui.live.journal import Journal
from pausetui.live.picture import Picture
from pausetui.live.session import LiveSession
from tests.real.dockers import SLEEP, DockerBed, docker
from tests.real.podmans import PodmanBed, podman
from tests.real.private_node import hung
from tests.waiting import until

pytestmark = [
    pytest.mark.real,
    # The SDK leaves the socket of a connection that failed to the garbage collector.
    pytest.mark.filterwarnings("ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning"),
]


Bed = DockerBed | PodmanBed


@pytest.fixture(scope="module", params=[docker, podman], ids=["docker", "podman"])
def engine(request: pytest.FixtureRequest) -> Iterator[Bed]:
    with request.param() as bed:
        yield bed


@pytest.fixture
def bed(engine: Bed) -> Iterator[Bed]:
    """An engine without containers, Docker and then Podman."""
    yield engine
    engine.clear()


@pytest.fixture
def docker_bed(dockerd: DockerBed) -> Iterator[DockerBed]:
    """A dockerd without containers."""
    yield dockerd
    dockerd.clear()


class Watching:
    """A session and what it shows."""

    def __init__(self, session: LiveSession) -> None:
        self.session = session
        self.kinds: list[ChangeKind] = []
        self.outcomes: list[str] = []
        self.doings: list[str] = []
        self._newest: Picture | None = None

    def listen(self, picture: Picture) -> None:
        self._newest = picture
        self.outcomes += [outcome.text for outcome in picture.outcomes]
        self.doings.append(picture.doing.what if picture.doing else "")

    @property
    def snapshot(self) -> Snapshot:
        return until(lambda: self._newest, what="a picture").snapshot

    def pod(self, name: str) -> Pod | None:
        return next((pod for pod in self.snapshot.pods if pod.name == name), None)

    def shows(self, name: str, *members: str) -> bool:
        """Whether a pod is there with these members, all of them with their processes."""
        pod = self.pod(name)
        running = [one.name for one in pod.members if one.process is not None] if pod else []
        return sorted(running) == sorted(members) and pod is not None


@contextmanager
def watching(bed: Bed, journal: Path, timeout: float = 5.0) -> Iterator[Watching]:
    made = DockerBackend if isinstance(bed, DockerBed) else PodmanBackend
    backend = made(HostRoot(), DockerOptions(host=bed.endpoint, timeout=timeout), {})
    watched: list[Watching] = []
    session = LiveSession(
        backend,
        Observer(HostRoot()),
        journal=Journal(journal),
        on_events=lambda events: watched[0].kinds.extend(event.change.kind for event in events),
    )
    watched.append(Watching(session))
    session.start(watched[0].listen)
    try:
        yield watched[0]
    finally:
        begun = time.monotonic()
        session.stop()
        assert time.monotonic() - begun < 3, "quitting waits for nobody"


def test_what_comes_and_goes_is_shown_by_events(bed: Bed, tmp_path: Path) -> None:
    with watching(bed, tmp_path / "journal") as watch:
        until(lambda: watch.snapshot.inventory_at)
        bed.pod("web", "app")
        until(lambda: watch.shows("web", "app"), what="the pod")
        bed.clear()
        until(lambda: watch.pod("web") is None, what="its end")


def test_a_restarted_member_is_told_as_one(bed: Bed, tmp_path: Path) -> None:
    bed.pod("web", "app")
    with watching(bed, tmp_path / "journal") as watch:
        until(lambda: watch.shows("web", "app"))
        bed("restart", "-t", "1", "app")
        until(lambda: ChangeKind.CONTAINER_RESTARTED in watch.kinds)
        until(lambda: watch.shows("web", "app"))


def test_orphans_are_told_and_healed_by_what_is_submitted(bed: Bed, tmp_path: Path) -> None:
    bed.pod("web", "app")
    with watching(bed, tmp_path / "journal") as watch:
        pod = until(lambda: watch.pod("web") if watch.shows("web", "app") else None)
        assert pod.pause is not None
        assert pod.pause.process is not None
        os.kill(pod.pause.process.pid, signal.SIGKILL)
        until(lambda: (pod := watch.pod("web")) is not None and pod.orphans, what="the orphan")
        assert ChangeKind.PROBLEM_APPEARED in watch.kinds
        _submit(watch, ActionKind.START_SANDBOX, "web")
        until(lambda: (pod := watch.pod("web")) is not None and pod.addresses, what="the address")
        _submit(watch, ActionKind.REJOIN, "web")
        until(lambda: (pod := watch.pod("web")) is not None and not pod.orphans, what="the rejoined member")
        until(lambda: ChangeKind.PROBLEM_GONE in watch.kinds)


def test_while_members_that_are_slow_to_end_rejoin_it_is_said_which_is_being_restarted(
    docker_bed: DockerBed, tmp_path: Path
) -> None:
    docker_bed.pause("web")
    for name in ("app", "db"):
        docker_bed.member(name, "web", "--stop-timeout", "1", command=SLEEP)  # as pid 1 it ignores SIGTERM
    docker_bed("restart", "web")
    with watching(docker_bed, tmp_path / "journal") as watch:
        until(lambda: (pod := watch.pod("web")) is not None and len(pod.orphans) == 2, what="two orphans")
        _submit(watch, ActionKind.REJOIN, "web")
        until(lambda: watch.doings[-1] == "", what="nothing to be under way any more")
        said = [what for what, _ in groupby(watch.doings)]
        assert said[-4:] == ["", "restarting app, 1 of 2", "restarting db, 2 of 2", ""]


def _submit(watch: Watching, kind: ActionKind, name: str) -> None:
    """Do what is offered, as soon as it is."""

    def offered() -> Offer | None:
        pod = watch.pod(name)
        found = offer(watch.snapshot, kind, pod.key) if pod else None
        return found if isinstance(found, Offer) else None

    watch.session.submit(until(offered, what=f"an offer to {kind}"))
    until(lambda: watch.outcomes, what="the outcome")
    watch.outcomes.clear()


def test_an_engine_that_goes_and_comes_is_told_and_looked_at_again(bed: Bed, tmp_path: Path) -> None:
    bed.pod("web")
    with watching(bed, tmp_path / "journal") as watch:
        until(lambda: watch.pod("web"))
        bed.stop()
        until(lambda: watch.snapshot.stale, seconds=20, what="a stale picture")
        subjects = {problem.subject: problem for problem in watch.snapshot.problems}
        assert "there is no socket" in subjects[f"backend:{watch.snapshot.backend}"].why
        assert watch.pod("web") is not None, "what it said last is still there"
        bed.start()
        until(lambda: not watch.snapshot.stale, seconds=20, what="a fresh picture")
        if isinstance(bed, DockerBed):
            bed("start", "web")  # it ends its containers with it; Podman's go on
        until(lambda: watch.shows("web"), what="web to run")
        bed.member("app", "web")
        until(lambda: watch.shows("web", "app"), what="events to be heard again")


def test_containers_that_outlive_their_dockerd_are_known_again(docker_bed: DockerBed, tmp_path: Path) -> None:
    """With live-restore dockerd can be replaced under its containers; SIGKILL leaves them, too."""
    bed = docker_bed
    bed.pod("web", "app")
    with watching(bed, tmp_path / "journal") as watch:
        until(lambda: watch.shows("web", "app"))
        before = watch.pod("web")
        bed.stop()
        bed.start(**{"live-restore": True})
        bed("start", "web", "app")
        until(lambda: watch.shows("web", "app"), seconds=20)
        running = watch.pod("web")
        assert running is not None
        assert before is not None
        pid = bed.container_pid("app")
        bed.stop(signal.SIGKILL)
        until(lambda: watch.snapshot.stale, seconds=20)
        bed.start(**{"live-restore": True})
        until(lambda: not watch.snapshot.stale, seconds=20)
        assert bed.container_pid("app") == pid
        assert watch.shows("web", "app")


def test_an_engine_that_hangs_blinds_nobody(bed: Bed, tmp_path: Path) -> None:
    bed.pod("web", "app")
    with watching(bed, tmp_path / "journal", timeout=1.0) as watch:
        until(lambda: watch.shows("web", "app"))
        pid = bed.container_pid("app")
        with hung(bed.pid):
            os.kill(pid, signal.SIGKILL)
            until(lambda: watch.shows("web"), what="the death, which only the kernel tells")
            pod = watch.pod("web")
            assert pod is not None
            assert pod.members[0].state is ContainerState.EXITED
            until(lambda: watch.snapshot.stale, seconds=20)
            (problem,) = [one for one in watch.snapshot.problems if one.subject.startswith("backend:")]
            assert "it hangs" in problem.why
        until(lambda: not watch.snapshot.stale, seconds=20)


def test_quitting_does_not_wait_for_an_engine_that_hangs(bed: Bed, tmp_path: Path) -> None:
    with watching(bed, tmp_path / "journal") as watch:
        until(lambda: watch.snapshot.inventory_at)
        os.kill(bed.pid, signal.SIGSTOP)
    os.kill(bed.pid, signal.SIGCONT)
