"""The docker backend on a real dockerd with many containers, beside the ``docker`` program; and watching them.

Pods of ten: a pause and nine that joined its network. Only the first containers run, the others are created: to a
look that is the same, ``docker stats`` asks for those alone that run. What dockerd and its containerd take is
measured on both sides, what the shims take on neither. lazydocker and ctop were not to be had, and are left out.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.crictl import used
from benchmarks.row import Row, at_most_times
from pausetui.backends.docker.backend import DockerBackend
from pausetui.backends.docker.finding import DockerOptions
from pausetui.kernel.host import HostRoot
from pausetui.kernel.observer import Observer
from tests.real.cri_images import BUSYBOX, PAUSE
from tests.real.dockers import SLEEP, DockerBed, docker
from tests.waiting import until

SIZES = (50, 110, 300)
RUNNING = 50
POD_SIZE = 10
ROUNDS = 9
SECONDS = 60.0
SETTLE = 20.0
"""Seconds until nothing is young any more: what is new is looked at more often."""
TRIES = 2


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds on the clock, CPU seconds of who asked, and of dockerd with its containerd; processes made meanwhile.

    The last are those of the whole machine: pausetui looks when something may have joined a container.
    """

    wall: float
    asking: float
    engine: float
    births: int


def rows(seconds: float = SECONDS) -> Iterable[Row]:
    """One engine that gets more and more containers.

    Args:
        seconds: How long it is watched at each size.
    """
    with docker() as bed:
        made = 0
        for size in SIZES:
            for number in range(made, size):
                add(bed, number)
            made = size
            what = f"{size} containers, {min(size, RUNNING)} run"
            yield from looks(f"{what}: a steady look, beside `docker ps -a` and `docker inspect`", bed)
            yield watching(f"{what}: watched, beside `docker stats`", bed, seconds)


def add(bed: DockerBed, number: int) -> None:
    """Run one container more, or only create it; the first of each pod holds it."""
    pod, place = divmod(number, POD_SIZE)
    order = ("run", "-d") if number < RUNNING else ("create",)
    name = f"pod{pod}-{place}"
    if place == 0:
        bed(*order, "--name", name, PAUSE)
    else:
        bed(*order, "--name", name, "--network", f"container:pod{pod}-0", BUSYBOX, *SLEEP)


def looks(what: str, bed: DockerBed) -> Iterator[Row]:
    """Inventories where nothing has changed, and what a person would call, took turns."""
    ids = bed("ps", "-aq").split()
    command = ("docker", "-H", bed.endpoint)
    with (
        closing(DockerBackend(HostRoot(), DockerOptions(host=bed.endpoint), {})) as backend,
        closing(Observer()) as observer,
    ):
        observation = observer.observe()
        until(lambda: not backend.inventory(observation).problems, seconds=60, what="an engine at rest")

        def by_hand() -> None:
            for words in (("ps", "-a"), ("inspect", *ids)):
                subprocess.run([*command, *words], stdout=subprocess.PIPE, check=True)

        turns = [(cost(lambda: backend.inventory(observation), bed), cost(by_hand, bed)) for _ in range(ROUNDS)]
    ours, theirs = zip(*turns, strict=True)
    wall, peer = (median(each.wall for each in side) * 1000 for side in (ours, theirs))
    yield at_most_times(f"{what}: wall", wall, peer, "ms", 0.3)
    yield cpu(what, ours, theirs, "ms", 1000 / ROUNDS, 0.3)


def watching(what: str, bed: DockerBed, seconds: float) -> Row:
    """As ``pausetui watch`` does it, without a screen; each has the quieter of its goes."""
    ours = [sys.executable, "-m", "benchmarks.crictl_watched", f"/proc/{bed.node.pid}/ns/net"]
    ours += ["watch", "--backend", "docker", "-H", bed.endpoint]
    spent = [running(command, bed, seconds) for command in (ours, ["docker", "-H", bed.endpoint, "stats"])]
    return cpu(what, spent[:1], spent[1:], "% of a core", 100 / seconds, 1.0)


def running(command: Sequence[str], bed: DockerBed, seconds: float) -> Cost:
    """What a program that runs on costs once it has settled."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as program:
        time.sleep(SETTLE)
        goes = [cost(lambda: time.sleep(seconds), bed, program.pid) for _ in range(TRIES)]
        assert program.poll() is None, f"{command} has ended"
        program.terminate()
    return min(goes, key=lambda each: each.asking)


def cpu(what: str, ours: Sequence[Cost], theirs: Sequence[Cost], unit: str, scale: float, goal: float) -> Row:
    """Who asks and who is asked, together: of the two sides each leaves another part to dockerd."""
    sides = (ours, theirs)
    asking, peer = (sum(each.asking for each in side) * scale for side in sides)
    engine, peers_engine = (sum(each.engine for each in side) * scale for side in sides)
    born = [sum(each.births for each in side) / sum(each.wall for each in side) for side in sides]
    parts = (
        f"dockerd {engine:.3g} beside {peers_engine:.3g}; {born[0]:.0f} and {born[1]:.0f} processes made a second"
    )
    return at_most_times(f"{what}: CPU", asking + engine, peer + peers_engine, unit, goal, parts)


def cost(go: Callable[[], object], bed: DockerBed, pid: int = 0) -> Cost:
    """What it costs; who asks is the process ``pid``, or this one and those that it starts."""
    born, engine, before, wall = births(), engines(bed), asked_by(pid), time.perf_counter()
    go()
    wall, after = time.perf_counter() - wall, asked_by(pid)
    return Cost(wall, after - before, engines(bed) - engine, births() - born)


def asked_by(pid: int) -> float:
    return sum(used(pid)) if pid else sum(os.times()[:4])


def engines(bed: DockerBed) -> float:
    """CPU seconds of dockerd and its containerd."""
    children = Path(f"/proc/{bed.pid}/task").glob("*/children")
    pids = [bed.pid, *(int(pid) for file in children for pid in file.read_text().split())]
    return sum(used(pid)[0] for pid in pids)


def births() -> int:
    """How many processes and threads were made since the machine was started: proc_stat(5)."""
    lines = Path("/proc/stat").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("processes "))
