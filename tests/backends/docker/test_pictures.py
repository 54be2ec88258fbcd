"""How orphans of a real dockerd look, from a recording of one: pictures under snapshots/."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from typing import Any

import pytest
from textual.pilot import Pilot

from pausetui.app import PauseTui
from pausetui.backends.crictl import kubelet
from pausetui.backends.docker.asking import Asking
from pausetui.backends.docker.backend import DockerBackend
from pausetui.backends.docker.grouping import groups
from pausetui.backends.docker.problems import problems
from pausetui.backends.docker.records import records
from pausetui.core.inventory import Inventory, Runtime
from pausetui.core.join import join
from pausetui.core.snapshot import Snapshot
from pausetui.live.picture import Picture
from pausetui.live.store import Store
from pausetui.text import UNICODE
from tests.backends.docker.recorded import ENDPOINT, Recorded, Sample, at, observed, samples
from tests.fakes import FakeSession

Compare = Callable[..., bool]


def recorded(name: str, until: str) -> Picture:
    """What is shown of a recording after what was done until then."""
    taken = samples(name)
    client, store = Recorded(taken[0]), Store()
    asking = Asking(client, lambda: 0.0)
    for sample in taken:
        client.sample = sample
        store.apply(_look(sample, asking, store.snapshot))
        if sample["what"] == until:
            break
    assert store.snapshot is not None
    return Picture(store.snapshot, store.timeline.lines, store.gone)


def _look(sample: Sample, asking: Asking, before: Snapshot | None) -> Snapshot:
    observation = observed(sample)
    answers = asking.look(observation)
    pods = records(groups(answers, observation), kubelet.find(observation))
    version = answers.version
    inventory = Inventory(
        "docker",
        at(sample),
        Runtime(version.name, version.version, ENDPOINT.url, ENDPOINT.why, ENDPOINT.command),
        pods,
        problems=tuple(problems(answers, pods, "docker")),
        abilities=DockerBackend.abilities,
    )
    return join(inventory, observation, at(sample), before)


def pressing(*keys: str) -> Callable[[Pilot[Any]], Any]:
    async def press(pilot: Pilot[Any]) -> None:
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()

    return press


@pytest.mark.parametrize(
    ("until", "keys"),
    [
        ("pause was killed", ("j", "j", "j")),
        ("pause was started", ("J",)),
        ("members were restarted", ("t",)),
    ],
    ids=["orphans", "rejoin", "rejoined"],
)
def test_orphans_on_a_recorded_dockerd(until: str, keys: tuple[str, ...], snap_compare: Compare) -> None:
    app = PauseTui(FakeSession(recorded("orphans", until)), glyphs=UNICODE, zone=UTC, driver_class=None)
    assert snap_compare(app, terminal_size=(120, 40), run_before=pressing(*keys))
