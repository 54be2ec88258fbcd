"""Only a namespace is opened; what is behind a descriptor may be something else by the time that it is."""

from __future__ import annotations

import os
from pathlib import Path
from threading import Thread

import pytest

from pausetui.core.namespaces import NamespaceKind
from pausetui.kernel.holding_children import Family
from pausetui.kernel.nsfs import IdentityReader, open_namespace


def test_a_namespace_is_opened_through_a_descriptor_of_it() -> None:
    held = os.open("/proc/self/ns/net", os.O_RDONLY)
    opened = open_namespace(f"/proc/self/fd/{held}", follow=True)
    assert os.path.samestat(os.fstat(opened), os.fstat(held))
    os.close(opened)
    os.close(held)


def test_a_link_is_followed_only_if_that_is_wanted(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/proc/self/ns/net")
    with pytest.raises(FileNotFoundError, match="it is no namespace"):
        open_namespace(str(tmp_path / "link"))


def test_a_pipe_that_came_in_the_place_of_a_namespace_is_not_opened_nor_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    climbing = Thread(
        target=Family(IdentityReader(), owners=False).climb,
        args=(str(tmp_path / "pipe"), NamespaceKind.PID),
        daemon=True,
    )
    climbing.start()
    climbing.join(5)
    assert not climbing.is_alive()
