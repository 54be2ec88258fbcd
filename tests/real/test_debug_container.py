"""pausetui in a container that has the node below /host, against the real containerd of that node."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.real import cri_scenarios
from tests.real.containerd import Bed, containerd
from tests.real.debug_container import in_debug_container

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def bed() -> Iterator[Bed]:
    with containerd() as bed:
        bed.node.run(cri_scenarios.web())
        yield bed


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "container").mkdir()
    return tmp_path / "container"


def web(said: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = next(pod for pod in said["pods"] if pod["name"] == "web")
    return found


def test_the_node_around_it_is_found_and_asked_without_being_told(bed: Bed, place: Path) -> None:
    ran = in_debug_container(bed, place, "pausetui", "snapshot", "-o", "json")
    assert ran.returncode == 0, ran.stderr
    said = json.loads(ran.stdout)
    assert (said["backend"], said["runtime"]["name"]) == ("crictl", "containerd")
    assert said["runtime"]["command"][:2] == ["chroot", "/host"]


def test_pids_namespaces_and_addresses_are_those_that_the_node_has(bed: Bed, place: Path) -> None:
    said = json.loads(in_debug_container(bed, place, "pausetui", "snapshot", "-o", "json").stdout)
    pod = web(said)
    assert [member["state"] for member in pod["members"]] == ["running", "running"]
    for container in (pod["pause"], *pod["members"]):
        for kind in ("net", "ipc", "uts"):
            label = f"{kind}:[{container['namespaces'][kind]['inode']}]"
            assert os.readlink(f"/proc/{container['pid']}/ns/{kind}") == label
    assert pod["addresses"] == pod["runtime_addresses"] != []
    assert not [one for one in said["problems"] if one["subject"].startswith(pod["key"])]


def test_without_the_right_to_chroot_the_profile_that_has_it_is_named(bed: Bed, place: Path) -> None:
    ran = in_debug_container(bed, place, "pausetui", "snapshot", "--backend", "crictl", without=("sys_chroot",))
    assert ran.returncode == 2
    assert "we lack the capability SYS_CHROOT" in ran.stderr
    assert "kubectl debug node/NODE --profile=sysadmin" in ran.stderr


def test_without_the_right_to_see_namespaces_the_runtimes_side_is_shown_and_the_profile_named(
    bed: Bed, place: Path
) -> None:
    # Without SYS_PTRACE those may still be looked at who have no capability that we lack (ptrace(2)): so one more.
    ran = in_debug_container(bed, place, "pausetui", "snapshot", "-o", "json", without=("sys_ptrace", "net_raw"))
    assert ran.returncode == 0, ran.stderr
    said = json.loads(ran.stdout)
    pod = web(said)
    assert [member["state"] for member in pod["members"]] == ["running", "running"]
    assert all(member["cannot_read"] for member in pod["members"])
    assert any("--profile=sysadmin" in one["next"] for one in said["problems"])
