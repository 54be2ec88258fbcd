from __future__ import annotations

from pathlib import Path

import pytest

from pausetui.errors import CannotLook
from pausetui.lab.place import mount_point


def folders(tmp_path: Path, *names: str) -> list[str]:
    for name in names:
        (tmp_path / name).mkdir()
    return [str(tmp_path / name) for name in names]


def test_the_first_that_exists_is_taken(tmp_path: Path) -> None:
    (first,) = folders(tmp_path, "srv")
    assert mount_point([str(tmp_path / "mnt"), first], ["/usr/bin/python3"]) == first


def test_one_that_something_needed_lies_under_is_passed_over(tmp_path: Path) -> None:
    mnt, srv = folders(tmp_path, "mnt", "srv")
    assert mount_point([mnt, srv], [f"{mnt}/venv/bin/python"]) == srv


def test_one_whose_name_merely_begins_alike_is_not_passed_over(tmp_path: Path) -> None:
    mnt, _ = folders(tmp_path, "mnt", "mnt2")
    assert mount_point([mnt], [f"{mnt}2/venv/bin/python"]) == mnt


def test_something_needed_that_is_a_link_into_it_counts(tmp_path: Path) -> None:
    mnt, srv = folders(tmp_path, "mnt", "srv")
    link = tmp_path / "python"
    link.symlink_to(f"{mnt}/python3")
    assert mount_point([mnt, srv], [str(link)]) == srv


def test_where_there_is_none_it_says_what_to_do(tmp_path: Path) -> None:
    (mnt,) = folders(tmp_path, "mnt")
    with pytest.raises(CannotLook, match=f"Make one: mkdir {mnt}"):
        mount_point([mnt], [f"{mnt}/python"])
