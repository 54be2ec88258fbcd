"""What a container uses, out of files as the kernel writes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from pausetui.core.observation import ProcessId
from pausetui.kernel.cgroup_usage import CgroupUsage
from pausetui.kernel.host import HostRoot

ONE = ProcessId(7, 70)


def write(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)


@pytest.fixture
def v2(tmp_path: Path) -> Path:
    write(tmp_path, "proc/7/cgroup", "0::/docker/abc\n")
    write(tmp_path, "sys/fs/cgroup/docker/abc/memory.current", "3000000\n")
    write(tmp_path, "sys/fs/cgroup/docker/abc/memory.stat", "anon 1\ninactive_file 1000000\n")
    write(tmp_path, "sys/fs/cgroup/docker/abc/cpu.stat", "usage_usec 2500000\nuser_usec 1\n")
    return tmp_path


def test_of_version_2_the_working_set_and_the_cpu_time_are_told(v2: Path) -> None:
    usage = CgroupUsage(HostRoot(str(v2))).of(ONE)
    assert usage is not None
    assert (usage.memory_bytes, usage.cpu_seconds) == (2_000_000, 2.5)


def test_of_version_1_they_stand_in_two_hierarchies(tmp_path: Path) -> None:
    write(tmp_path, "proc/7/cgroup", "4:memory:/docker/abc\n3:cpu,cpuacct:/docker/xyz\n0::/system.slice\n")
    write(tmp_path, "sys/fs/cgroup/memory/docker/abc/memory.usage_in_bytes", "3000000\n")
    write(tmp_path, "sys/fs/cgroup/memory/docker/abc/memory.stat", "total_inactive_file 500000\n")
    write(tmp_path, "sys/fs/cgroup/cpuacct/docker/xyz/cpuacct.usage", "1500000000\n")
    usage = CgroupUsage(HostRoot(str(tmp_path))).of(ONE)
    assert usage is not None
    assert (usage.memory_bytes, usage.cpu_seconds) == (2_500_000, 1.5)


@pytest.mark.parametrize("cgroup", ["0::/\n", "0::/../x\n", "", "nonsense"])
def test_a_cgroup_that_is_no_containers_is_not_measured(tmp_path: Path, cgroup: str) -> None:
    write(tmp_path, "proc/7/cgroup", cgroup)
    assert CgroupUsage(HostRoot(str(tmp_path))).of(ONE) is None


def test_what_is_no_number_is_not_known(v2: Path) -> None:
    write(v2, "sys/fs/cgroup/docker/abc/memory.current", "max\n")
    usage = CgroupUsage(HostRoot(str(v2))).of(ONE)
    assert usage is not None
    assert usage.memory_bytes is None


def test_it_is_measured_again_only_after_half_a_minute(v2: Path) -> None:
    clock = [0.0]
    measured = CgroupUsage(HostRoot(str(v2)), lambda: clock[0])
    first = measured.of(ONE)
    write(v2, "sys/fs/cgroup/docker/abc/memory.current", "9000000\n")
    assert measured.of(ONE) == first
    clock[0] = 31.0
    again = measured.of(ONE)
    assert again is not None
    assert again.memory_bytes == 8_000_000


def test_processes_that_are_gone_are_forgotten(v2: Path) -> None:
    measured = CgroupUsage(HostRoot(str(v2)), lambda: 0.0)
    measured.of(ONE)
    measured.forget_others(set())
    write(v2, "sys/fs/cgroup/docker/abc/memory.current", "9000000\n")
    again = measured.of(ONE)
    assert again is not None
    assert again.memory_bytes == 8_000_000
