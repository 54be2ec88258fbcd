"""crictl of a machine whose root is a folder of ours, as in a debug container: run by the program chroot.

Our own os.chroot would be of the whole process; between fork and exec it is no choice where there are threads.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

from pausetui.backends.crictl.running import PATHS
from pausetui.errors import CannotLook, NoPermission
from pausetui.kernel.capabilities import missing
from pausetui.text import harmless

PROFILE = "kubectl debug node/NODE --profile=sysadmin"
"""What starts a debug container with every capability; the default profile lacks them."""

_COMPLAINT = re.compile(r"^\S*chroot: (.*?)(?:: ([A-Z][\w ]+))?$", re.MULTILINE)
"""GNU: "chroot: cannot change root directory to '/host': Operation not permitted"; busybox puts it alike."""


def command_line(root: str, argv: Sequence[str]) -> tuple[str, ...]:
    """What runs a program of the machine that is below ``root``.

    Raises:
        OSError: There is no program chroot.
    """
    import shutil  # here, because it would be in everybody's start

    chroot = shutil.which("chroot", path=os.pathsep.join((os.environ.get("PATH", ""), *PATHS)))
    if chroot is None:
        raise FileNotFoundError(2, os.strerror(2), "chroot")
    return (chroot, root, *argv)


def refusal(rc: int, err: str, root: str, doing: str) -> CannotLook | None:
    """The error if chroot itself failed, else None: then it is the program that speaks.

    chroot exits with 125 if it fails (busybox: 1), 126 if the program may not be executed, 127 if it is not there.
    """
    complaint = _COMPLAINT.match(err)
    if complaint is None or rc not in (1, 125, 126, 127):
        return None
    what, why = complaint.groups()
    if rc in (126, 127):
        return CannotLook(doing, f"{why or what}, below {root}", "Install crictl there, or mend it.")
    lacking = ", ".join(one.name for one in missing())
    if lacking and why == os.strerror(1):
        return NoPermission(
            doing, f"chroot to {root} is not permitted: we lack the capability {lacking}", f"Use: {PROFILE}"
        )
    return CannotLook(doing, harmless(f"{what}: {why}" if why else what))
