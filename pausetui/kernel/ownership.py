"""Whether a /proc is ours: whether the pids in it are the ones that our system calls mean."""

from __future__ import annotations

import os

from pausetui.kernel.processes import ProcFolder
from pausetui.text import harmless


def why_not_ours(proc: ProcFolder) -> str | None:
    """Why no pid of this /proc may be used in a system call, in one sentence; None if they may.

    ``/proc/self`` shows our pid in the pid namespace that the /proc belongs to. After ``unshare -pf`` without
    mounting a new one, that is another number than getpid(2) says, and every pid read there means somebody else
    to us. NSpid tells even where the two numbers happen to be equal: it has one number a level below its /proc.
    """
    try:
        shown = os.readlink(f"{proc.path}/self")
    except OSError as error:
        return f"{proc.path} does not show this process ({error.strerror}), so its pids may mean others to us"
    if shown != str(os.getpid()) or len(proc.namespace_pids(os.getpid())) > 1:
        return (
            f"{proc.path} belongs to another pid namespace (it calls this process {harmless(shown, 32)}, "
            f"the kernel calls it {os.getpid()}), so its pids mean other processes to us"
        )
    return None
