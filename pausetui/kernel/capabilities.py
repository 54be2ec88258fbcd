"""Which capabilities we have."""

from __future__ import annotations

from enum import IntEnum


class Capability(IntEnum):
    """Those that looking at a node from a container takes, by their numbers (linux/capability.h)."""

    SYS_CHROOT = 18
    SYS_PTRACE = 19
    SYS_ADMIN = 21


def missing() -> tuple[Capability, ...]:
    """Those that we lack of them, as far as our own /proc tells."""
    held = _effective()
    return tuple(one for one in Capability if not held >> one & 1)


def _effective() -> int:
    """The set in effect; -1, which is all, where it can't be read."""
    try:
        with open("/proc/self/status", encoding="ascii", errors="replace") as status:
            return next((int(line.split()[1], 16) for line in status if line.startswith("CapEff:")), -1)
    except OSError:
        return -1
