"""Where the kernel has another address than the runtime says, or none, both are shown: who says it, and when."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime

import pytest

from pausetui.backends.crictl.backend import CrictlBackend
from pausetui.core.join import join
from pausetui.core.snapshot import Pod, Snapshot
from pausetui.core.tabs.network_overview import entries
from pausetui.core.tabs.overview import pod_overview
from pausetui.kernel.host import HostRoot
from pausetui.kernel.observer import Observer
from tests.real.containerd import containerd
from tests.real.cri_specs import Member, pod
from tests.real.dockers import docker
from tests.real.engines import looking
from tests.real.netpods import ip

pytestmark = [
    pytest.mark.real,
    # The SDK leaves the socket of a connection that failed to the garbage collector.
    pytest.mark.filterwarnings("ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning"),
]

Look = Callable[[], Snapshot]


@pytest.fixture(params=["containerd", "dockerd"], scope="module")
def look(request: pytest.FixtureRequest) -> Iterator[Look]:
    """Takes a snapshot of a node with one pod, "web"."""
    if request.param == "dockerd":
        with docker() as bed:
            bed.pause("web")
            bed.member("app", "web")
            with looking(bed) as engine:
                yield engine.snapshot
    else:
        with containerd() as node:
            node.node.run(pod("web", Member("main")))
            backend = CrictlBackend(HostRoot(), environ=node.environment())
            with closing(backend), closing(Observer()) as observer:
                yield lambda: join(backend.inventory(observer.observe()), observer.observe(), datetime.now(UTC))


def web(snapshot: Snapshot) -> Pod:
    return next(one for one in snapshot.pods if one.name == "web")


def told(snapshot: Snapshot) -> list[tuple[str, str]]:
    """What both tabs say of the addresses."""
    shown = web(snapshot)
    found = (*pod_overview(snapshot, shown), *entries(snapshot, shown, None))
    return [(one.label.strip(), one.text) for one in found if one.label.strip() in ("kernel", "runtime")]


def test_both_are_shown_with_source_and_age_where_they_differ(look: Look) -> None:
    first = look()
    assert web(first).pause is not None
    process = web(first).pause.process  # type: ignore[union-attr]
    assert process is not None
    (given,) = web(first).runtime_addresses
    assert web(first).addresses == (given,)
    assert set(told(first)) == {("kernel", given), ("runtime", "says the same")}
    ip(process.pid, "addr flush dev eth0 scope global")
    gone = look()
    assert (web(gone).addresses, web(gone).runtime_addresses) == ((), (given,))
    says = f"{gone.runtime.name} says {given}, asked <1m ago"
    assert told(gone) == [("kernel", "no address, read <1m ago"), ("runtime", says)] * 2
    ip(process.pid, "addr add 10.77.0.9/32 dev eth0")
    other = look()
    assert (web(other).addresses, web(other).runtime_addresses) == (("10.77.0.9",), (given,))
    assert told(other) == [("kernel", "10.77.0.9, read <1m ago"), ("runtime", says)] * 2
