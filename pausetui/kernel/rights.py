"""Why the kernel refuses to show us something, and what helps: that depends on who we are."""

from __future__ import annotations

import os

from pausetui.core.hidden import NO_PERMISSION, RUN_AS_ROOT
from pausetui.kernel.processes import ProcFolder

_SYS_PTRACE = 1 << 19
"""The capability that it takes to see other users' namespaces, ptrace(2) and capabilities(7)."""
IN_A_CONTAINER = "in a container: --cap-add SYS_PTRACE; on a node: kubectl debug node/NODE --profile=sysadmin"
_ALL_IDS = b"4294967295"


def why_refused(proc: ProcFolder) -> tuple[str, str]:
    """Why namespaces can't be read, and what to do about it, "" if nothing helps.

    Root may be told, too: in a container or a user namespace it is not the machine's, and a security module may
    keep it from a process even where it is.
    """
    if os.geteuid() != 0:
        return NO_PERMISSION, RUN_AS_ROOT
    if _is_root_of_a_part(proc):
        return f"{NO_PERMISSION}: we are root in a user namespace only", "run as the machine's root"
    if not _effective(proc) & _SYS_PTRACE:
        return f"{NO_PERMISSION}: we lack the capability SYS_PTRACE", IN_A_CONTAINER
    return f"{NO_PERMISSION}, even for root", ""


def _is_root_of_a_part(proc: ProcFolder) -> bool:
    mapped = (proc.read("self/uid_map", 4096) or b"").split()
    return bool(mapped) and mapped != [b"0", b"0", _ALL_IDS]


def _effective(proc: ProcFolder) -> int:
    for line in (proc.read("self/status", 8192) or b"").splitlines():
        name, _, value = line.partition(b":")
        if name == b"CapEff":
            return int(value, 16)
    return -1
