"""Parsing what /proc says of a process, however hostile its name."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pausetui.kernel.processes import MAX_ARGUMENTS, ProcFolder, chosen_cgroup, parsed_stat
from pausetui.text import MAX_NAME, decoded
from tests.kernel.fake_proc import FakeProc, stat_line

NAMES = st.binary(max_size=60).filter(lambda name: b"\0" not in name)
HOSTILE = [b") S 1 (", b"a b", b"\x1b[2J", b"x\ny", b"\xff\xfe", "‮evil".encode(), b"(((", b")))", b"", b"n" * 4096]


@given(NAMES, st.integers(0, 2**31), st.integers(1, 1000), st.integers(0, 2**40))
def test_every_field_survives_any_name(name: bytes, parent: int, threads: int, start: int) -> None:
    stat = parsed_stat(stat_line(7, name, "S", parent, threads, start))
    assert stat is not None
    assert (stat.name, stat.state) == (decoded(name), "S")
    assert (stat.parent, stat.threads, stat.start_ticks, stat.cpu_ticks) == (parent, threads, start, 300)


@given(NAMES, st.integers(0, 400))
def test_half_a_file_is_never_read_wrongly(name: bytes, length: int) -> None:
    whole = stat_line(7, name, start=123456789)
    half = parsed_stat(whole[:length])
    assert half is None or half == parsed_stat(whole) or length < whole.rindex(b")")


@given(st.binary(max_size=200))
def test_no_bytes_at_all_make_it_fail(raw: bytes) -> None:
    parsed_stat(raw)
    chosen_cgroup(raw)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_never_holds_what_a_terminal_would_obey(name: bytes) -> None:
    stat = parsed_stat(stat_line(name=name))
    assert stat is not None
    assert stat.name.isprintable()
    assert len(stat.name) <= MAX_NAME


def test_a_kernel_thread_is_told_by_its_flag() -> None:
    line = stat_line().replace(b" 4194304 ", b" 2129984 ")
    stat = parsed_stat(line)
    assert stat is not None
    assert stat.is_kernel_thread


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"0::/kubepods/pod1/abc\n", "/kubepods/pod1/abc"),
        (b"0::/\n", "/"),
        (b"", None),
        (b"9:name=systemd:/a\n8:pids:/b\n0::/\n", "/a"),
        (b"8:pids:/b\n4:memory:/c\n0::/\n", "/b"),
        (b"4:memory:/c\n3:cpu,cpuacct:/d\n", "/c"),
        (b"9:name=systemd:/a\n0::/unified\n", "/unified"),
        (b"0::/x:cri-containerd:y\n", "/x:cri-containerd:y"),
        (b"0::/x\x1b[2J\n", r"/x\x1b[2J"),
    ],
)
def test_the_cgroup_is_that_of_the_hierarchy_that_names_containers(raw: bytes, expected: str | None) -> None:
    assert chosen_cgroup(raw) == expected


def test_pids_in_nested_namespaces_are_outermost_first(tmp_path: Path) -> None:
    fake = FakeProc(tmp_path)
    fake.process(7, status=b"Name:\tNSpid:\\t9\nPid:\t7\nNSpid:\t7\t3\t1\nNSsid:\t7\t3\t1\n")
    assert ProcFolder(fake.host.proc).namespace_pids(7) == (7, 3, 1)


def test_a_command_line_is_split_cut_and_made_harmless(tmp_path: Path) -> None:
    fake = FakeProc(tmp_path)
    fake.process(7, cmdline=b"sh\0-c\0\x1b[31m" + b"x" * 4096 + b"\0" + b"a\0" * 100)
    command = ProcFolder(fake.host.proc).command(7)
    assert command[:2] == ("sh", "-c")
    assert command[2].startswith(r"\x1b[31mxxx")
    assert len(command[2]) <= MAX_NAME
    assert len(command) == MAX_ARGUMENTS


def test_what_is_gone_is_an_answer(tmp_path: Path) -> None:
    proc = ProcFolder(FakeProc(tmp_path).host.proc)
    assert proc.stat(7) is None
    assert proc.labels(7) is None
    assert proc.command(7) == ()
    assert proc.threads(7) == []
    assert proc.cgroup(7) is None
    assert proc.owner(7) is None
    assert proc.resident_pages(7) is None
    assert proc.namespace_pids(7) == ()


def test_a_kind_that_this_kernel_lacks_is_not_known_and_the_others_are(tmp_path: Path) -> None:
    fake = FakeProc(tmp_path)
    fake.process(7)
    (fake.path / "7/ns/time").unlink()
    labels = ProcFolder(fake.host.proc).labels(7)
    assert labels is not None
    assert [label is None for label in labels] == [False] * 7 + [True]
