"""A container as ``kubectl debug node/…`` makes one: a root and cgroups of its own, the node below /host, its pids.

    ran = in_debug_container(bed, "pausetui", "snapshot", without=("sys_chroot",))

Made with unshare, an overlay of this machine's root, and chroot. All of its mounts end with the command.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.real.containerd import Bed

ROOT = Path(__file__).parents[2]
_MAKE = """
set -e
mount -t tmpfs tmpfs {place}
mkdir {place}/upper {place}/work {place}/root
mount -t overlay overlay -o lowerdir=/,upperdir={place}/upper,workdir={place}/work {place}/root
mkdir -p {place}/root/host {place}/root{checkout}
mount --rbind {checkout} {place}/root{checkout}
for folder in proc sys dev; do mount --rbind /$folder {place}/root/$folder; done
mount --rbind / {place}/root/host
mount --bind {programs} {place}/root/host/usr/local/bin
exec chroot {place}/root setpriv {rights} /bin/sh -c {command}
"""


def in_debug_container(
    bed: Bed, place: Path, *command: str, without: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    """Run a command in it to its end.

    Args:
        bed: The node.
        place: An empty folder, for what the container is made of.
        command: What to run; "pausetui" is this checkout's.
        without: Capabilities it does not have.
    """
    if command[0] == "pausetui":
        command = (sys.executable, "-m", "pausetui", *command[1:])
    drop = ",".join(f"-{name}" for name in without)
    script = _MAKE.format(
        place=shlex.quote(str(place)),
        checkout=shlex.quote(str(ROOT)),
        programs=shlex.quote(str(bed.bin)),
        rights=f"--bounding-set {drop} --inh-caps {drop}" if drop else "--no-new-privs",
        command=shlex.quote(f"cd {shlex.quote(str(ROOT))} && exec {shlex.join(command)}"),
    )
    environment = {name: value for name, value in os.environ.items() if name != "CONTAINER_RUNTIME_ENDPOINT"}
    return subprocess.run(
        [
            "nsenter",
            "-t",
            str(bed.pid),
            "-m",
            "unshare",
            "-m",
            "-C",
            "--propagation",
            "private",
            "sh",
            "-c",
            script,
        ],
        env={**environment, "CRICTL_STANDIN_VERSION": "1.36.0"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
