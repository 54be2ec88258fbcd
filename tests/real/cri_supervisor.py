"""Holds a private node: a mount namespace, a network for the pods, and all that is started there, containers too.

``unshare --mount --net python -m tests.real.cri_supervisor FOLDER`` mounts empty /run, /var/lib and /var/log
and a copy on write of /etc, so that a runtime may use its usual paths and writes nothing to the machine. Then
it obeys lines on its stdin, ``{"argv": […], "log": path}``: start that, in these mounts and in the network
namespace of our owner, and answer with its pid. What it started, and what that left orphaned, is its own. When
its stdin ends, because it was closed or its owner was killed, it ends them all, removes the pods' cgroups (a
line each in FOLDER/cgroups) and FOLDER.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from tests.leftovers import adopt_orphans, children
from tests.waiting import until

EMPTY = ("/run", "/var/lib", "/var/log")
CGROUPS = Path("/sys/fs/cgroup")
DEEP = 3
"""Levels of /kubepods/QOS/podUID."""


def main(folder: Path) -> int:
    prepare()
    adopt_orphans()
    signal.signal(signal.SIGCHLD, lambda *_: reap())
    for word in (signal.SIGINT, signal.SIGTERM):
        signal.signal(word, lambda *_: None)  # its stdin says when it is over
    try:
        print("ready", flush=True)
        for line in sys.stdin:
            wanted = json.loads(line)
            print(start(wanted["argv"], wanted["log"]), flush=True)
    finally:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        thaw(folder / "cgroups")
        end_all()
        remove_cgroups(folder / "cgroups")
        until(lambda: forgotten(folder), what=f"{folder} to be gone")
    return 0


def prepare() -> None:
    """Make the mounts of the node, and let its loopback work."""
    for path in EMPTY:
        run("mount", "-t", "tmpfs", "-o", "mode=755", "node", path)
    for path in ("/run/etc", "/run/etc.work", "/run/containerd"):
        os.mkdir(path)
    run("mount", "-t", "overlay", "-o", "lowerdir=/etc,upperdir=/run/etc,workdir=/run/etc.work", "etc", "/etc")
    run("ip", "link", "set", "lo", "up")


def forgotten(folder: Path) -> bool:
    """Remove it. Who outside still calls a program in it can make a file there while that is done."""
    shutil.rmtree(folder, ignore_errors=True)
    return not folder.exists()


def run(*argv: str) -> None:
    subprocess.run(argv, check=True)


def start(argv: list[str], log: str) -> int:
    """Start a program; its pid. It is reaped when it ends."""
    at_home = ["nsenter", f"--net=/proc/{os.getppid()}/ns/net", "--"]
    with open(log, "ab") as out:
        process = subprocess.Popen([*at_home, *argv], stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    process.returncode = 0  # reap() waits for it, not this object
    return process.pid


def reap() -> None:
    while children():
        pid, _ = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return


def end_all() -> None:
    """Kill what we started, then what that orphans, until there is none."""
    while pids := children():
        for pid in [each for child in pids for each in family(child)]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        os.waitpid(-1, 0)  # any: the first process of a pid namespace ends after all others of it were reaped
        reap()


def family(pid: int) -> Iterator[int]:
    """A process and its descendants."""
    yield pid
    try:
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return
    for child in found:
        yield from family(int(child))


def thaw(listed: Path) -> None:
    """Let what was paused run again: a frozen process cannot be killed."""
    for cgroup in cgroups(listed):
        for name, word in (("freezer.state", "THAWED"), ("cgroup.freeze", "0")):
            for state in cgroup.rglob(name):
                with suppress(OSError):
                    state.write_text(word)


def remove_cgroups(listed: Path) -> None:
    """Remove the cgroups of the pods, and their parents if they are nobody else's."""
    for cgroup in cgroups(listed):
        remove_cgroup(cgroup)


def cgroups(listed: Path) -> list[Path]:
    """The folders of the cgroups that are listed, in every hierarchy."""
    parents = set(listed.read_text().split()) if listed.exists() else set()
    return [hierarchy / parent.lstrip("/") for hierarchy in [CGROUPS, *CGROUPS.iterdir()] for parent in parents]


def remove_cgroup(pod: Path) -> None:
    for path, _, _ in os.walk(pod, topdown=False):
        until(lambda path=path: removed(Path(path)), what=f"{path} to be empty")  # type: ignore[misc]
    for parent in list(pod.parents)[: DEEP - 1]:
        if not removed(parent):
            return


def removed(cgroup: Path) -> bool:
    try:
        cgroup.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
