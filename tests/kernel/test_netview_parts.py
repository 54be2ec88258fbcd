"""A part that can't be read is not known, and spoils no other."""

from __future__ import annotations

from pathlib import Path

from pausetui.core.namespaces import IdentifiedBy, NamespaceId, NamespaceKind
from pausetui.kernel.netns import route_socket
from pausetui.kernel.netview_ask import FEW, Asker, links_here, links_numbered
from pausetui.kernel.netview_files import view_from_files
from pausetui.kernel.netview_inside import Inside
from pausetui.kernel.processes import ProcFolder
from tests.kernel.fake_proc import HOST, FakeProc

NET = NamespaceId(NamespaceKind.NET, HOST["net"], None, IdentifiedBy.GENERATION)


def test_a_socket_that_can_not_be_had_costs_only_what_it_would_have_told() -> None:
    with Inside() as inside:
        inside.diag = None
        answer = Asker((), lambda: 7.0).ask(inside)
    assert "listening sockets" in dict(answer.failed)
    assert answer.listeners is None
    assert answer.links
    assert answer.addresses
    assert answer.routes is not None
    assert answer.connections is not None
    assert answer.read_at == 7.0


def test_a_file_that_can_not_be_read_costs_only_what_it_would_have_told(tmp_path: Path) -> None:
    proc = FakeProc(tmp_path)
    proc.process(7)
    proc.write("7/net/dev", b"1\n2\n  lo: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n")
    proc.write("7/net/arp", b"")
    view = view_from_files(ProcFolder(str(proc.path)), NET, 7, 0.0)
    assert view is not None
    assert [link.name for link in view.links or ()] == ["lo"]
    assert view.neighbours == ()
    assert (view.addresses, view.routes, view.listeners, view.connections, view.abstract_sockets) == (None,) * 5


def test_without_the_file_of_links_there_is_no_view(tmp_path: Path) -> None:
    proc = FakeProc(tmp_path)
    proc.process(7)
    assert view_from_files(ProcFolder(str(proc.path)), NET, 7, 0.0) is None


def test_files_of_a_process_that_has_moved_are_not_taken_for_its_namespace(tmp_path: Path) -> None:
    proc = FakeProc(tmp_path)
    proc.process(7, spaces={"net": HOST["net"] + 100})
    proc.write("7/net/dev", b"")
    assert view_from_files(ProcFolder(str(proc.path)), NET, 7, 0.0) is None


def test_links_asked_for_by_their_numbers_are_those_of_the_list() -> None:
    with route_socket() as route:
        names = {link.index: link.name for link in links_here(route)}
        few = links_numbered(route, {1, max(names) + 1000})
        many = links_numbered(route, range(1, 1 + 2 * FEW))
    assert [(link.index, link.name) for link in few] == [(1, names[1])]
    assert {link.index: link.name for link in many} == names
