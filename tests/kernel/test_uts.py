"""The hostname from a container's files, where its UTS namespace may not be joined."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pausetui.core.namespaces import IdentifiedBy, NamespaceId, NamespaceKind
from pausetui.kernel.host import HostRoot
from pausetui.kernel.uts import hostname_of


@pytest.fixture
def container(tmp_path: Path) -> Path:
    """The root of process 7, in whose place of a namespace is something that can't be joined."""
    (tmp_path / "proc/7/ns").mkdir(parents=True)
    (tmp_path / "proc/7/ns/uts").touch()
    (tmp_path / "proc/7/root/etc").mkdir(parents=True)
    return tmp_path


def hostname(machine: Path) -> str | None:
    inode = os.stat(machine / "proc/7/ns/uts").st_ino
    return hostname_of(7, NamespaceId(NamespaceKind.UTS, inode, 1, IdentifiedBy.NS_ID), HostRoot(str(machine)))


def test_the_containers_file_tells_it(container: Path) -> None:
    (container / "proc/7/root/etc/hostname").write_text("web\n")
    assert hostname(container) == "web"


def test_escape_codes_in_it_are_made_visible(container: Path) -> None:
    (container / "proc/7/root/etc/hostname").write_bytes(b"we\x1b]0;b\xff\n")
    assert hostname(container) == "we\\x1b]0;b\\xff"


def test_no_link_is_followed_out_of_the_container(container: Path) -> None:
    (container / "secret").write_text("secret\n")
    (container / "proc/7/root/etc/hostname").symlink_to(container / "secret")
    assert hostname(container) is None


def test_no_link_to_another_folder_is_followed(container: Path) -> None:
    (container / "elsewhere").mkdir()
    (container / "elsewhere/hostname").write_text("secret\n")
    (container / "proc/7/root/etc").rmdir()
    (container / "proc/7/root/etc").symlink_to(container / "elsewhere")
    assert hostname(container) is None


def test_a_pipe_in_its_place_holds_nobody_up(container: Path) -> None:
    os.mkfifo(container / "proc/7/root/etc/hostname")
    assert hostname(container) is None


def test_an_empty_file_is_no_name(container: Path) -> None:
    (container / "proc/7/root/etc/hostname").write_text("\n")
    assert hostname(container) is None


def test_the_machines_own_files_tell_nothing_of_a_container(container: Path) -> None:
    (container / "proc/7/root/etc").rmdir()
    (container / "proc/7/root").rmdir()
    (container / "proc/7/root").symlink_to("/")
    assert hostname(container) is None
