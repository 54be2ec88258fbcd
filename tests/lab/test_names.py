from __future__ import annotations

import os
import socket

import pytest

from pausetui.errors import UsageError
from pausetui.lab.names import Peer, as_address, peer_of, socket_name


def test_each_user_has_a_name_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PAUSETUI_LAB", raising=False)
    assert socket_name() == f"@pausetui-lab-{os.geteuid()}"


def test_a_second_lab_is_named_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAUSETUI_LAB", "other-1")
    assert socket_name() == f"@pausetui-lab-{os.geteuid()}-other-1"


@pytest.mark.parametrize("name", ["A", "a b", "-a", "a/b", "\x1b", "a" * 33])
def test_what_is_no_name_is_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("PAUSETUI_LAB", name)
    with pytest.raises(UsageError, match="at most 32 characters"):
        socket_name()


def test_the_address_is_abstract() -> None:
    assert as_address("@pausetui-lab-0") == "\0pausetui-lab-0"


def test_the_kernel_says_who_is_at_the_other_end() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert peer_of(ours) == Peer(os.getpid(), os.geteuid())
