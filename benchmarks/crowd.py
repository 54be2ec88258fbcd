"""Many idle processes, in pods and outside, as cheap as a process can be."""

from __future__ import annotations

import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pausetui.lab.elf import pause_elf

IN_PODS = 0.8
"""The share of processes that are in pods; the others are the host's."""
POD_SIZE = 16

_LEADER = """
import ctypes, os, signal, sys
program, pods, size, plain = sys.argv[1], *map(int, sys.argv[2:])
os.setpgid(0, 0)
libc = ctypes.CDLL(None)
libc.prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER: whoever loses its parent is ours to reap
signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the others end on it
spawn = lambda: os.posix_spawn(program, ["pause"], {})
for _ in range(plain):
    spawn()
for _ in range(pods):
    ready, told = os.pipe()
    if os.fork() == 0:
        os.close(ready)
        libc.unshare(0x40000000 | 0x08000000 | 0x04000000 | 0x00020000)
        for _ in range(size - 1):
            spawn()
        os.write(told, b"x")
        os.close(told)
        os.execv(program, ["pause"])
    os.close(told)
    os.read(ready, 1)
    os.close(ready)
print("there", flush=True)
sys.stdin.read()
os.killpg(0, signal.SIGTERM)
try:
    while True:
        os.wait()
except ChildProcessError:
    pass
"""


@contextmanager
def crowd(size: int) -> Iterator[int]:
    """About ``size`` idle processes, all of them gone afterwards, even if we are killed. Yields how many."""
    pods = int(size * IN_PODS) // POD_SIZE
    plain = size - pods * POD_SIZE
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder, "pause")
        program.write_bytes(pause_elf(platform.machine()))
        program.chmod(0o755)
        command = [sys.executable, "-c", _LEADER, str(program), str(pods), str(POD_SIZE), str(plain)]
        leader = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert leader.stdin is not None
        assert leader.stdout is not None
        try:
            if not leader.stdout.readline():
                raise RuntimeError("the processes to be measured could not be started")
            yield pods * POD_SIZE + plain
        finally:
            leader.stdin.close()
            leader.wait()
            leader.stdout.close()
