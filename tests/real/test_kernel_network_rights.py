"""What is seen of a network without rights."""

from __future__ import annotations

import json

import pytest

from tests.real.netpods import ip, listening, pod
from tests.real.spawn import NOBODY, output_of, python

pytestmark = pytest.mark.real

AS_NOBODY = f"""
import encodings.unicode_escape, json, os, sys  # all that is needed later: nobody may not import it
from pausetui.core.observation import NetMark
from pausetui.kernel.netview import NetworkPlace, inspect_networks
from pausetui.kernel.processes import ProcFolder
os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY})
proc = ProcFolder("/proc")
pid = int(sys.argv[1])
mark = NetMark(proc.net_inode(pid))
"""


def test_nobody_sees_in_the_files_of_a_pod_what_they_show() -> None:
    code = f"""{AS_NOBODY}
view = inspect_networks(proc, [NetworkPlace(mark, pid, members=(pid,))])[mark]
print(json.dumps([
    view.source,
    [link.name for link in view.links],
    [(one.address, one.prefix) for one in view.addresses],
    [(one.destination, one.gateway, one.link) for one in view.routes],
    [(one.address, one.mac) for one in view.neighbours],
    [(one.address, one.port, one.owners) for one in view.listeners],
    view.connections,
    view.rules,
    [(one.what, one.why, one.next) for one in view.problems],
]))
"""
    with pod() as inside, listening(inside, "tcp,127.0.0.1,80"):
        ip(
            inside,
            "link add br0 type bridge",
            "link set br0 up",
            "addr add 10.9.0.2/24 dev br0",
            "addr add fd00:9::2/64 dev br0 nodad",
            "route add default via 10.9.0.1",
            "neigh add 10.9.0.9 lladdr 02:00:00:00:00:09 dev br0",
        )
        found = json.loads(output_of(python(code, str(inside))))
    source, links, addresses, routes, neighbours, listeners, connections, rules, problems = found
    assert (source, links) == ("files", ["lo", "br0"])
    assert ["10.9.0.2", None] in addresses
    assert ["fd00:9::2", 64] in addresses
    assert [route for route in routes if ":" not in route[0]] == [
        ["default", "10.9.0.1", "br0"],
        ["10.9.0.0/24", None, "br0"],
    ]
    assert neighbours == [["10.9.0.9", "02:00:00:00:00:09"]]
    assert listeners == [["127.0.0.1", 80, None]]
    assert (connections, rules) == ({}, None)
    assert problems == [["packet rules", "Permission denied", "run as root"]]


def test_nobody_who_is_told_of_another_namespace_is_shown_nothing() -> None:
    code = f"""{AS_NOBODY}
wrong = NetMark(mark.inode + 1)
view = inspect_networks(proc, [NetworkPlace(wrong, pid)])[wrong]
print(repr(view.source), view.links, view.problems[0].what)
"""
    with pod() as inside:
        assert output_of(python(code, str(inside))).split() == ["''", "None", "its", "network"]
