"""The command that would show what is hidden: this very program, with its flags, as root."""

from __future__ import annotations

import os
import shlex
import shutil
import site
import sys
from collections.abc import Callable, Mapping, Sequence

import pausetui
from pausetui.commands import output
from pausetui.core.hidden import hides_something
from pausetui.core.prose import NEEDS_ROOT
from pausetui.core.snapshot import Snapshot
from pausetui.errors import CannotLook
from pausetui.kernel.host import HostRoot

KEPT = ("PYTHONPATH", "PAUSETUI_LAB", "PAUSETUI_NS_IDENTITY", "DOCKER_HOST", "CONTAINER_HOST")
"""Variables that sudo drops, and without which it would not do the same."""


def root_command(
    argv: Sequence[str] | None = None,
    *,
    euid: int | None = None,
    environment: Mapping[str, str] | None = None,
    find: Callable[[str], str | None] = shutil.which,
    search: Sequence[str] | None = None,
) -> str | None:
    """How to start this program again as root, ready to be pasted into a shell; None if we are root.

    Args:
        argv: ``sys.argv`` unless given.
        euid: Our effective user id unless given.
        environment: ``os.environ`` unless given.
        find: Where a program is, as ``shutil.which``.
        search: ``sys.path`` unless given.
    """
    arguments = list(sys.argv if argv is None else argv)
    if (os.geteuid() if euid is None else euid) == 0:
        return None
    around = dict(os.environ if environment is None else environment)
    around["PYTHONPATH"] = _python_path(around.get("PYTHONPATH", ""), sys.path if search is None else search)
    around = {**_own_engines(around), **around}
    kept = [f"{name}={around[name]}" for name in KEPT if around.get(name)]
    program = _program(arguments[0] if arguments else "")
    command = shlex.join([*(["env", *kept] if kept else []), *program, *arguments[1:]])
    if find("sudo"):
        return f"sudo {command}"
    return f"su -c {shlex.quote(command)}"


def _own_engines(environment: Mapping[str, str]) -> Mapping[str, str]:
    """How root is told to ask the engines that are ours: it has others."""
    runtime = environment.get("XDG_RUNTIME_DIR", "")
    if not runtime.startswith("/"):
        return {}
    from pausetui.backends.docker.endpoints import ENGINES
    from pausetui.backends.docker.finding import DockerOptions, find

    found = {}
    for engine in ENGINES.values():
        try:
            url = find(engine, HostRoot(), DockerOptions(), environment).url
        except CannotLook:
            continue
        if url == f"unix://{runtime}/{engine.own_socket}":
            found[engine.variable] = url
    return found


def to_see_the_rest(command: str) -> str:
    """What to tell somebody from whom something is hidden."""
    return f"{NEEDS_ROOT} to see the rest: {command}"


def say_what_is_hidden(snapshot: Snapshot) -> None:
    """Tell on stderr how to see the rest, if there is a rest."""
    command = root_command()
    if command and hides_something(snapshot):
        output.say(to_see_the_rest(command))


def _python_path(ours: str, search: Sequence[str]) -> str:
    """Where root's Python is to look for us, in full: root has another folder to start in, and another home."""
    folders = [os.path.abspath(folder) for folder in ours.split(os.pathsep) if folder]
    place = os.path.dirname(os.path.dirname(os.path.abspath(pausetui.__file__)))
    began_here = bool(search) and os.path.abspath(search[0]) == place and place not in search[1:]
    if began_here or place == site.getusersitepackages():
        folders.append(place)
    return os.pathsep.join(dict.fromkeys(folders))


def _program(started_as: str) -> list[str]:
    name = os.path.basename(started_as)
    path = os.path.abspath(started_as) if os.sep in started_as else shutil.which(started_as)
    if name and name != "__main__.py" and path and os.access(path, os.X_OK):
        return [path]
    return [sys.executable, "-m", "pausetui"]
