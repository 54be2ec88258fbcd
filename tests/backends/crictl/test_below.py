"""Links of a machine whose root is a folder of ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from pausetui.backends.crictl.below import ours, resolved
from pausetui.kernel.host import HostRoot


@pytest.fixture
def host(tmp_path: Path) -> HostRoot:
    (tmp_path / "run" / "crio").mkdir(parents=True)
    (tmp_path / "var" / "lib").mkdir(parents=True)
    (tmp_path / "var" / "run").symlink_to("/run")
    (tmp_path / "var" / "lib" / "up").symlink_to("../../run/crio")
    (tmp_path / "var" / "lib" / "out").symlink_to("../../../../../etc")
    (tmp_path / "loop").symlink_to("/loop")
    return HostRoot(str(tmp_path))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/run/crio/crio.sock", "/run/crio/crio.sock"),
        ("/var/run/crio/crio.sock", "/run/crio/crio.sock"),
        ("/var/lib/up/crio.sock", "/run/crio/crio.sock"),
        ("/var/lib/out/passwd", "/etc/passwd"),
        ("/var//lib/./up/../x", "/run/x"),
        ("/missing/file", "/missing/file"),
        ("/", "/"),
    ],
)
def test_links_lead_to_where_they_do_on_the_machine(host: HostRoot, path: str, expected: str) -> None:
    assert resolved(host, path) == expected


def test_a_loop_of_links_has_an_end(host: HostRoot) -> None:
    assert resolved(host, "/loop/x") == "/loop/x"


def test_a_path_of_the_machine_is_opened_below_its_root(host: HostRoot, tmp_path: Path) -> None:
    assert ours(host, "/var/run/crio") == f"{tmp_path}/run/crio"
