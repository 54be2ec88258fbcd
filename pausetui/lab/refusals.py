"""Why the kernel would not make a lab, and what to do about it."""

from __future__ import annotations

import errno
from collections.abc import Mapping

from pausetui.errors import CannotLook, NoPermission

_DOING = "making the lab's namespaces"
_AS_ROOT = "Or run it as root."
LIMITS = tuple(f"user.max_{kind}_namespaces" for kind in ("user", "pid", "net", "mnt", "ipc", "uts"))
SWITCHES: Mapping[str, str] = {
    "kernel.unprivileged_userns_clone": "0",
    "kernel.apparmor_restrict_unprivileged_userns": "1",
}
"""Settings that forbid user namespaces to users, with the value that does."""


def refused(error: OSError) -> CannotLook:
    """What to tell the user, from what the kernel answered and how it is set."""
    return explained(error, {name: setting(name) for name in (*LIMITS, *SWITCHES)})


def explained(error: OSError, settings: Mapping[str, str | None]) -> CannotLook:
    """As ``refused``, from given settings; None for those that this kernel does not have."""
    why = error.strerror or str(error)
    exhausted = [name for name in LIMITS if settings.get(name) == "0"]
    if error.errno in (errno.ENOSPC, errno.EUSERS):
        name = exhausted[0] if exhausted else LIMITS[0]
        value = settings.get(name)
        return CannotLook(
            _DOING,
            f"{why}: {name} is {value if value is not None else 'reached'}",
            f"Allow them as root: sysctl -w {name}=10000. {_AS_ROOT}",
        )
    if error.errno in (errno.EPERM, errno.EACCES):
        for name, forbids in SWITCHES.items():
            if settings.get(name) == forbids:
                allows = "1" if forbids == "0" else "0"
                return NoPermission(
                    _DOING,
                    f"{why}: {name} is {forbids}, so users may make no user namespaces",
                    f"Allow it as root: sysctl -w {name}={allows}. {_AS_ROOT}",
                )
        return NoPermission(
            _DOING,
            f"{why} ({error.filename})" if error.filename else why,
            "It takes CAP_SYS_ADMIN and CAP_NET_ADMIN, or user namespaces. A container usually has neither:"
            " run it on the machine itself, as root.",
        )
    if error.errno == errno.EINVAL:
        return CannotLook(_DOING, f"{why}: this kernel lacks namespaces", "It needs Linux 4.18 or later.")
    if error.errno in (errno.EOPNOTSUPP, errno.ENODEV):
        subject = f" ({error.filename})" if error.filename else ""
        return CannotLook(_DOING, f"{why}{subject}", "Load as root: modprobe -a bridge veth.")
    return CannotLook(_DOING, f"{why} ({error.filename})" if error.filename else why)


def setting(name: str) -> str | None:
    """The value of a sysctl, or None if this kernel has none of that name or hides it."""
    try:
        with open("/proc/sys/" + name.replace(".", "/"), encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return None
