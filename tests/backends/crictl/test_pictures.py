"""How a real node looks, from a recording of one: pictures under snapshots/."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from typing import Any

import pytest
from textual.pilot import Pilot

from pausetui.app import PauseTui
from pausetui.backends.crictl import kubelet
from pausetui.backends.crictl.asking import Asking
from pausetui.backends.crictl.backend import CrictlBackend
from pausetui.backends.crictl.pods import records
from pausetui.core.inventory import Inventory, Runtime
from pausetui.core.join import join
from pausetui.live.picture import Picture
from pausetui.live.store import Store
from pausetui.text import UNICODE
from tests.backends.crictl.recorded import ENDPOINT, RECORDINGS, Kernel, Sample, found, lines, of_sample
from tests.fakes import FakeSession

Compare = Callable[..., bool]
CONTAINERD = Runtime("containerd", "1.6.20", ENDPOINT, "the first default socket there is", ("crictl",))


def recorded(name: str, until: float) -> Picture:
    """What is shown of a recording so many seconds after it began."""
    samples = [each for each in lines(RECORDINGS / f"{name}.ndjson.xz") if "action" not in each]
    kernel, store = Kernel(samples[0]), Store()
    asking = Asking(found(of_sample(samples[0])), lambda: 0.0)
    for sample in samples:
        if sample["t"] <= until:
            asking.found = found(of_sample(sample))
            _look(sample, asking, kernel, store)
    assert store.snapshot is not None
    return Picture(store.snapshot, store.timeline.lines, store.gone)


def _look(sample: Sample, asking: Asking, kernel: Kernel, store: Store) -> None:
    observation = kernel.observe(sample)
    answers = asking.look(observation)
    here = kubelet.find(observation)
    inventory = Inventory(
        "crictl",
        kernel.at(sample),
        CONTAINERD,
        records(answers, here),
        remarks=here.remarks,
        abilities=CrictlBackend.abilities,
    )
    store.apply(join(inventory, observation, kernel.at(sample), store.snapshot))


def pressing(*keys: str) -> Callable[[Pilot[Any]], Any]:
    async def press(pilot: Pilot[Any]) -> None:
        await pilot.pause()
        await pilot.press(*keys)
        await pilot.pause()

    return press


@pytest.mark.parametrize(
    ("name", "until", "keys"),
    [
        ("kill-pause", 5.0, ("j", "j", "j")),
        ("kill-pause", 99.0, ()),
        ("kill-member", 99.0, ("t",)),
        ("rmp-f", 1.0, ("G", "S")),
    ],
    ids=["pause-was-killed", "pod-was-made-again", "member-was-restarted", "stop-sandbox"],
)
def test_a_recorded_node(name: str, until: float, keys: tuple[str, ...], snap_compare: Compare) -> None:
    app = PauseTui(FakeSession(recorded(name, until)), glyphs=UNICODE, zone=UTC, driver_class=None)
    assert snap_compare(app, terminal_size=(120, 40), run_before=pressing(*keys))
