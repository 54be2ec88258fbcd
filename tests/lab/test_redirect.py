from __future__ import annotations

import errno
import os

import pytest

from pausetui.errors import CannotLook
from pausetui.lab import redirect


@pytest.mark.parametrize("number", [errno.EPROTONOSUPPORT, errno.EOPNOTSUPP, errno.ENOENT])
def test_a_kernel_without_packet_rules_is_said_exactly(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def refuse(family: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(redirect, "Netlink", refuse)
    with pytest.raises(CannotLook, match=r"this kernel has no nf_tables.*modprobe -a nf_tables"):
        redirect.redirect(8080, 15001)


def test_another_refusal_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(family: int) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(redirect, "Netlink", refuse)
    with pytest.raises(PermissionError):
        redirect.redirect(8080, 15001)
