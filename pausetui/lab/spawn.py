"""Starting one process in the namespaces it is to be in, and learning what the host calls it.

The child does everything between the clone and the exec, and reports over a pipe: first its pid and start time
as the host's /proc has them, then either nothing more (the exec closed the pipe) or what failed.
"""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NoReturn

from pausetui.core.observation import ProcessId
from pausetui.lab import linux
from pausetui.lab.life import Started


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to start one process.

    Attributes:
        argv: The program and its arguments; the program's full path first.
        new: Kinds of namespaces to make (NEW… flags).
        join: Descriptors of namespaces to enter, each with its kind.
        pid_namespace: Descriptor of the pid namespace to be in, where it is not a new one.
        hostname: To set in a new uts namespace, or "".
        hide: A path from which the topmost mount is taken away, or "".
        bind: A directory to bind to that path, or "".
        own_proc: Mount a /proc of the pid namespace it is in.
        output: Descriptor for stdout and stderr.
        keep: A descriptor that the program inherits, or -1.
    """

    argv: tuple[str, ...]
    new: int = 0
    join: tuple[tuple[int, int], ...] = ()
    pid_namespace: int = -1
    hostname: str = ""
    hide: str = ""
    bind: str = ""
    own_proc: bool = False
    output: int = -1
    keep: int = -1
    environment: Mapping[str, str] = field(default_factory=dict)


def start(recipe: Recipe, host_proc: int) -> Started:
    """Start a process as the recipe says and return once it runs its program.

    Args:
        host_proc: Descriptor of the host's /proc.

    Raises:
        OSError: Some step was refused; no process is left.
    """
    reading, writing = os.pipe2(os.O_CLOEXEC)
    with open(reading, "rb") as report:
        try:
            pid = _clone(recipe, writing, host_proc)
        finally:
            os.close(writing)
        identity, _, failure = report.read().decode().partition("\n")
    if failure or not identity:
        os.waitpid(pid, 0)
        number, _, step = failure.partition(" ")
        raise OSError(
            int(number or 0), os.strerror(int(number)) if number else "ended early", step or recipe.argv[0]
        )
    outer, ticks = identity.split()
    return Started(pid, ProcessId(int(outer), int(ticks)))


def own_identity(host_proc: int) -> ProcessId:
    """Our own pid and start time as another /proc has them."""
    fd = os.open("self/stat", os.O_RDONLY | os.O_CLOEXEC, dir_fd=host_proc)
    with open(fd, "rb") as stat:
        content = stat.read()
    pid, after_name = content.split(b" ", 1)[0], content[content.rindex(b")") + 2 :]
    return ProcessId(int(pid), int(after_name.split()[19]))


def _clone(recipe: Recipe, report: int, host_proc: int) -> int:
    if recipe.pid_namespace < 0:
        return _fork(recipe, report, host_proc)
    back = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
    try:
        linux.setns(recipe.pid_namespace, linux.NEWPID)
        try:
            return _fork(recipe, report, host_proc)
        finally:
            linux.setns(back, linux.NEWPID)
    finally:
        os.close(back)


def _fork(recipe: Recipe, report: int, host_proc: int) -> int:
    pid = linux.clone(recipe.new)
    if pid == 0:
        _become(recipe, report, host_proc)  # never comes back: what is above is the parent's alone
    return pid


def _become(recipe: Recipe, report: int, host_proc: int) -> NoReturn:
    try:
        identity = own_identity(host_proc)
        os.write(report, f"{identity.pid} {identity.start_ticks}\n".encode())
        _enter(recipe)
        _arrange_descriptors(recipe)
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(number, signal.SIG_DFL)
        os.execve(recipe.argv[0], recipe.argv, dict(recipe.environment))
    except OSError as error:
        os.write(report, f"{error.errno or 0} {error.filename or 'starting'}".encode())
    finally:
        os._exit(127)


def _enter(recipe: Recipe) -> None:
    for fd, kind in recipe.join:
        linux.setns(fd, kind)
    if recipe.hostname:
        socket.sethostname(recipe.hostname)
    if recipe.hide and recipe.bind:
        linux.mount(recipe.bind, recipe.hide, "", linux.MS_BIND)
    elif recipe.hide:
        linux.unmount(recipe.hide)
    if recipe.own_proc:
        linux.mount("proc", "/proc", "proc", linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC)


def _arrange_descriptors(recipe: Recipe) -> None:
    nothing = os.open("/dev/null", os.O_RDWR | os.O_CLOEXEC)
    output = recipe.output if recipe.output >= 0 else nothing
    os.dup2(nothing, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    if recipe.keep >= 0:
        os.set_inheritable(recipe.keep, True)
