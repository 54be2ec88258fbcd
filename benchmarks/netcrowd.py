"""Many pods as light as they can be, each wired to a bridge and with somebody who listens in its network."""

from __future__ import annotations

import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pausetui.lab.elf import pause_elf

_LEADER = """
import ctypes, os, signal, socket, subprocess, sys
program, count = sys.argv[1], int(sys.argv[2])
libc = ctypes.CDLL(None)
libc.prctl(1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG
home = os.open("/proc/self/ns/net", os.O_RDONLY)
pids, servers = [], []
for _ in range(count):
    ready, told = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.setpgid(0, 0)
        libc.prctl(1, signal.SIGKILL, 0, 0, 0)
        libc.unshare(0x40000000 | 0x08000000 | 0x04000000 | 0x00020000)  # net, ipc, uts, mnt
        os.write(told, b"x")
        os.execv(program, ["pause"])
    os.close(told)
    os.read(ready, 1)
    os.close(ready)
    pids.append(pid)
def ip(lines):
    subprocess.run(["ip", "-batch", "-"], input="\\n".join(lines).encode(), check=True)
ip(["link set lo up", "link add cni0 type bridge", "link set cni0 up"])
ip(f"link add veth{n} type veth peer name eth0 netns {pid}" for n, pid in enumerate(pids))
ip(f"link set veth{n} up master cni0" for n in range(count))
for n, pid in enumerate(pids):
    there = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY)
    libc.setns(there, 0x40000000)
    os.close(there)
    ip(["link set lo up", "link set eth0 up", "addr add fd00::%x/64 dev eth0 nodad" % (n + 2),
        f"addr add 10.9.{n // 200}.{n % 200 + 2}/16 dev eth0", "route add default via 10.9.0.1"])
    servers.append(socket.create_server(("0.0.0.0", 80)))
    libc.setns(home, 0x40000000)
print(*pids, flush=True)
sys.stdin.read()
for pid in pids:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
"""


@contextmanager
def wired_pods(count: int) -> Iterator[list[int]]:
    """The pids of so many pause processes, in a network without a bridge ``cni0``; gone with the block."""
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder, "pause")
        program.write_bytes(pause_elf(platform.machine()))
        program.chmod(0o755)
        command = [sys.executable, "-c", _LEADER, str(program), str(count)]
        leader = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert leader.stdin is not None
        assert leader.stdout is not None
        try:
            pids = [int(word) for word in leader.stdout.readline().split()]
            if len(pids) != count:
                raise RuntimeError("the pods to be measured could not be made")
            yield pids
        finally:
            leader.stdin.close()
            leader.wait()
            leader.stdout.close()
