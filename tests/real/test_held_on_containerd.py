"""On containerd the pin outlives everybody: what JSON and the tab say of a pod's network is so, to the very end."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.real import labs
from tests.real.containerd import Bed, containerd
from tests.real.cri_scenarios import web
from tests.real.test_held_namespaces import keeping
from tests.real.test_kernel_leaks import handle_of, is_alive
from tests.waiting import until

pytestmark = pytest.mark.real


def network(bed: Bed, inode: int) -> dict[str, Any]:
    """What JSON says of the network namespace with this number."""
    done = labs.pausetui("snapshot", "--backend", "crictl", "-o", "json", env=bed.environment())
    assert done.returncode == 0, done.stderr
    (found,) = (
        one for one in json.loads(done.stdout)["namespaces"] if (one["kind"], one["inode"]) == ("net", inode)
    )
    return dict(found)


def opened(found: dict[str, Any]) -> list[int]:
    """Who has it open."""
    return [one["pid"] for one in found["descriptors"] or ()]


def test_a_pods_network_is_held_by_its_processes_by_who_has_it_open_and_last_of_all_by_the_pin() -> None:
    with containerd() as bed:
        made = bed.node.run(web())
        pause = bed.node.sandbox_pid(made.sandbox)
        members = [bed.node.pid(one) for one in made.members.values()]
        inode, handle = os.stat(f"/proc/{pause}/ns/net").st_ino, handle_of(pause)
        pin = bed.node.netns(made.sandbox).removeprefix("/var")
        with keeping(f"/proc/{pause}/ns/net") as keeper:
            # containerd or somebody else who looks has it open for a moment, too.
            found = until(lambda: seen if opened(seen := network(bed, inode)) == [keeper.pid] else None)
            assert {pause, *members} <= {holder["pid"] for holder in found["holders"]}
            assert [path.removeprefix("/var") for path in found["pins"]] == [pin]
            for pid in (*members, pause):
                os.kill(pid, signal.SIGKILL)
            until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in (*members, pause)))
            until(lambda: not (alone := network(bed, inode))["holders"] and opened(alone) == [keeper.pid])
        assert is_alive(handle), "the pin holds it"
        bed.node.stop_sandbox(made.sandbox)
        until(lambda: not is_alive(handle), what="the end of the namespace with its pin")
