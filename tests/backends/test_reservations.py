"""Addresses that host-local gave away."""

from __future__ import annotations

from pathlib import Path

import pytest

from pausetui.backends.reservations import reservations
from pausetui.kernel.host import HostRoot

ID = "a" * 64


@pytest.fixture
def network(tmp_path: Path) -> Path:
    folder = tmp_path / "var/lib/cni/networks/pods"
    folder.mkdir(parents=True)
    return folder


def test_a_file_named_by_an_address_tells_whom_it_was_given_to(network: Path, tmp_path: Path) -> None:
    (network / "10.244.1.5").write_text(f"{ID}\neth0")
    (one,) = reservations(HostRoot(str(tmp_path))) or ()
    assert (one.network, one.address, one.container_id) == ("pods", "10.244.1.5", ID)
    assert one.path == str(network / "10.244.1.5")


def test_the_plug_ins_own_files_are_no_addresses(network: Path, tmp_path: Path) -> None:
    (network / "last_reserved_ip.0").write_text("10.244.1.5")
    (network / "lock").touch()
    assert reservations(HostRoot(str(tmp_path))) == ()


def test_what_podmans_store_still_has_is_left_out(network: Path, tmp_path: Path) -> None:
    (network / "10.244.1.5").write_text(f"{ID}\neth0")
    (tmp_path / "var/lib/containers/storage/overlay-containers" / ID).mkdir(parents=True)
    assert reservations(HostRoot(str(tmp_path))) == ()


def test_a_machine_without_host_local_has_none(tmp_path: Path) -> None:
    assert reservations(HostRoot(str(tmp_path))) == ()


def test_folders_that_cannot_be_listed_are_not_known(tmp_path: Path) -> None:
    (tmp_path / "var/lib/cni").mkdir(parents=True)
    (tmp_path / "var/lib/cni/networks").touch()
    assert reservations(HostRoot(str(tmp_path))) is None


def test_what_a_file_says_can_do_no_harm(network: Path, tmp_path: Path) -> None:
    (network / "10.244.1.5").write_text("\x1b[2Jx\n")
    (one,) = reservations(HostRoot(str(tmp_path))) or ()
    assert "\x1b" not in one.container_id
