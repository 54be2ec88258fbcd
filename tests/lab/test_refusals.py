from __future__ import annotations

import errno
import os

import pytest

from pausetui.errors import NoPermission
from pausetui.lab.refusals import LIMITS, SWITCHES, explained

PLENTY: dict[str, str | None] = {**dict.fromkeys(LIMITS, "90000"), **dict.fromkeys(SWITCHES)}


def refused(number: int, path: str | None = None) -> OSError:
    return OSError(number, os.strerror(number), path)


@pytest.mark.parametrize("limit", LIMITS)
def test_a_limit_of_zero_is_named_with_the_command_that_lifts_it(limit: str) -> None:
    error = explained(refused(errno.ENOSPC, "clone"), {**PLENTY, limit: "0"})
    assert f"{limit} is 0" in error.why
    assert f"sysctl -w {limit}=" in error.next_step


def test_a_limit_that_is_reached_is_said_with_its_value() -> None:
    assert "user.max_user_namespaces is 90000" in explained(refused(errno.ENOSPC), PLENTY).why


@pytest.mark.parametrize(
    ("switch", "value", "command"),
    [
        ("kernel.unprivileged_userns_clone", "0", "sysctl -w kernel.unprivileged_userns_clone=1"),
        (
            "kernel.apparmor_restrict_unprivileged_userns",
            "1",
            "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
        ),
    ],
)
@pytest.mark.parametrize("number", [errno.EPERM, errno.EACCES])
def test_a_switch_that_forbids_them_is_named_with_the_command(
    switch: str, value: str, command: str, number: int
) -> None:
    error = explained(refused(number, "/proc/self/uid_map"), {**PLENTY, switch: value})
    assert isinstance(error, NoPermission)
    assert f"{switch} is {value}" in error.why
    assert command in error.next_step


def test_where_no_switch_forbids_them_the_missing_rights_are_named() -> None:
    error = explained(refused(errno.EPERM, "/mnt"), {**PLENTY, "kernel.unprivileged_userns_clone": "1"})
    assert isinstance(error, NoPermission)
    assert "/mnt" in error.why
    assert "CAP_SYS_ADMIN" in error.next_step


def test_a_kernel_without_bridges_is_told_what_to_load() -> None:
    error = explained(refused(errno.EOPNOTSUPP, "lab0"), PLENTY)
    assert "lab0" in error.why
    assert "modprobe -a bridge veth" in error.next_step
