"""A node with 110 pods × 4 containers × 3 processes, played to the real screen in a pseudo-terminal.

``python -m benchmarks.big_node IN OUT`` is the player: it draws, takes one letter a step from descriptor IN, hands
the screen the next picture and answers on OUT with the CPU seconds that the screen's thread spent on it.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from benchmarks.terminal import Terminal
from pausetui.core.actions import Action, Offer
from pausetui.core.changes import Change, ChangeKind, Event, TimelineLine
from pausetui.core.doctor.finding import CheckUp
from pausetui.core.inventory import PodState
from pausetui.core.network import NetworkView
from pausetui.core.observation import ProcessId
from pausetui.core.probe_telling import Asked, Probed
from pausetui.core.snapshot import Container, ContainerProcess, Pod, Snapshot
from pausetui.core.vantage import Vantage
from pausetui.errors import ActionRefused
from pausetui.live.picture import Choice, Picture
from tests.factories import NOW, pod, snapshot

PODS = 110
MEMBERS = ("app", "proxy", "logger")
PROCESSES = 3
SETTLE = 0.25
"""Seconds in which the screen has painted a picture."""
UNCHANGED, ROW, LINE, TROUBLE = "u", "r", "l", "t"


class Player:
    """``live.picture.Session`` whose pictures are asked for one by one. Made on the thread that draws."""

    def __init__(self, steps: int, answers: int) -> None:
        self._steps, self._answers = steps, answers
        self._picture = Picture(big_node())
        self._count = 0
        self._drawing = threading.get_ident()

    def start(self, listener: Callable[[Picture], None]) -> None:
        threading.Thread(target=self._play, args=(listener,), daemon=True).start()

    def _play(self, listener: Callable[[Picture], None]) -> None:
        clock = time.pthread_getcpuclockid(self._drawing)
        listener(self._picture)
        while step := os.read(self._steps, 1).decode():
            self._count += 1
            self._picture = following(self._picture, step, self._count)
            before = time.clock_gettime(clock)
            listener(self._picture)
            time.sleep(SETTLE)
            os.write(self._answers, f"{time.clock_gettime(clock) - before:.9f}\n".encode())

    def choices(self) -> tuple[Choice, ...]:
        return ()

    def use(self, name: str) -> None:
        pass

    def check_up(self, namespace: str | None) -> CheckUp:
        return CheckUp(NOW, "lab", 0, (), ())

    def look_into(self, pod_key: str | None) -> None:
        pass

    def look_for_holders(self, key: str | None) -> None:
        pass

    def is_there(self, process: ProcessId) -> bool:
        return True

    def look_now(self) -> None:
        pass

    def submit(self, offer: Offer) -> Action:
        raise ActionRefused(offer.title, "this is a picture")

    def look_from(self, seen: Vantage) -> NetworkView:
        return NetworkView(seen.net, 0.0)

    def probe(self, seen: Vantage, asked: Asked) -> Probed:
        raise ActionRefused(str(asked), "this is a picture")

    def stop(self) -> None:
        pass


def big_node() -> Snapshot:
    """The node at rest: everything started hours ago."""
    long_ago = timedelta(hours=7, minutes=10)
    pods = (
        aged(pod(f"pod-{n:03}", base=1000 * (n + 1), pid=20_000 + 100 * n, members=MEMBERS), long_ago)
        for n in range(PODS)
    )
    return snapshot(*pods)


def aged(one: Pod, by: timedelta) -> Pod:
    assert one.pause is not None
    sandboxes = tuple(replace(each, created_at=NOW - by) for each in one.sandboxes)
    members = tuple(crowded(each, by) for each in one.members)
    return replace(one, sandboxes=sandboxes, pause=replace(one.pause, started_at=NOW - by), members=members)


def crowded(one: Container, by: timedelta) -> Container:
    assert one.process is not None
    others = (ProcessId(one.process.pid + 10 * (n + 1), one.process.start_ticks + n) for n in range(PROCESSES - 1))
    more = tuple(ContainerProcess(each, one.name, namespace_pids=(each.pid, 7)) for each in others)
    return replace(one, started_at=NOW - by, processes=(*one.processes, *more))


def following(picture: Picture, step: str, count: int) -> Picture:
    """The picture after this one: a second later, with or without another address of the first pod."""
    last = picture.snapshot
    moment = last.taken_at + timedelta(seconds=1)
    now = replace(last, taken_at=moment, observed_at=moment, inventory_at=moment, vitals=dict(last.vitals))
    if step == UNCHANGED:
        return replace(picture, snapshot=now)
    first, *others = last.pods
    if step == TROUBLE:
        state = PodState.NOTREADY if first.state is PodState.READY else PodState.READY
        return replace(picture, snapshot=replace(now, pods=(replace(first, state=state), *others)))
    address = f"10.244.1.{5 + count % 2}"
    now = replace(now, pods=(replace(first, addresses=(address,), runtime_addresses=(address,)), *others))
    if step == ROW:
        return replace(picture, snapshot=now)
    text = f"address {first.addresses[0] if first.addresses else '-'} → {address}"
    change = Change(ChangeKind.ADDRESS_CHANGED, first.key, first.title, None, first.addresses, (address,), text)
    line = TimelineLine(Event(count, moment, change), text)
    return replace(picture, snapshot=now, timeline=(*picture.timeline, line))


class Stage:
    """The player in its terminal, seen from outside."""

    def __init__(self) -> None:
        steps_in, self._steps = os.pipe()
        self._answers, answers_out = os.pipe()
        command = [sys.executable, "-m", "benchmarks.big_node", str(steps_in), str(answers_out)]
        self.terminal = Terminal(command, pass_fds=(steps_in, answers_out))
        os.close(steps_in)
        os.close(answers_out)
        self.terminal.shown_at(lambda display: any("pod-000" in line for line in display))
        self.terminal.receive(1.0)

    def step(self, kind: str) -> tuple[float, int]:
        """One more picture: CPU milliseconds of the screen's thread, and the bytes sent."""
        before = self.terminal.sent
        os.write(self._steps, kind.encode())
        self.terminal.receive(SETTLE + 0.1)
        answer = os.read(self._answers, 64)
        return float(answer) * 1000, self.terminal.sent - before

    def close(self) -> None:
        os.close(self._steps)
        os.close(self._answers)
        self.terminal.close()


def main() -> int:
    from pausetui.app import PauseTui
    from pausetui.text import UNICODE

    app = PauseTui(Player(int(sys.argv[1]), int(sys.argv[2])), glyphs=UNICODE)
    app.run(mouse=False)
    return app.return_code or 0


if __name__ == "__main__":
    raise SystemExit(main())
