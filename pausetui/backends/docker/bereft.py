"""Members of a container that is gone: the engine refuses to start them again, they have to be made anew. Pure."""

from __future__ import annotations

import shlex

from pausetui.backends.docker.answers import Seen
from pausetui.backends.docker.compose import remake_command
from pausetui.backends.docker.group import Group, How
from pausetui.backends.docker.reading import joined

_JOINING = (How.PODMAN, How.JOINED)


def bereft(group: Group) -> tuple[Seen, ...]:
    """The members that joined a container which is gone."""
    if group.how not in _JOINING:
        return ()
    there = group.ids()
    lost = (one for one in group.members if (told := joined(one.network_mode)) is not None and told not in there)
    return tuple(sorted(lost, key=lambda one: one.listed.name))


def made_anew(group: Group, members: tuple[Seen, ...], program: str) -> str:
    """How members are made anew, as shell commands.

    Args:
        group: Their pod.
        members: Those that are to be made anew.
        program: The engine's.
    """
    command = remake_command(program, (one.listed for one in members))
    if command:
        return command
    names = shlex.join(one.listed.name for one in members)
    holder = group.pauses[0].listed.name if group.pauses else "NAME"
    return f"{program} rm -f {names}, then {program} run … --network container:{holder} …"
