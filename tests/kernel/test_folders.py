"""Names that come and go in folders that come and go."""

from __future__ import annotations

import os
import select
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pausetui.kernel.folders import FolderWatch


@pytest.fixture
def watching() -> Iterator[Callable[..., FolderWatch]]:
    made: list[FolderWatch] = []

    def watch(*paths: Path) -> FolderWatch:
        made.append(FolderWatch(map(str, paths)))
        return made[-1]

    yield watch
    for one in made:
        one.close()


def is_readable(watch: FolderWatch) -> bool:
    descriptor = watch.fileno()
    assert descriptor is not None
    return bool(select.select([descriptor], [], [], 0)[0])


def test_nothing_is_told_of_what_was_there_before(watching: Callable[..., FolderWatch], tmp_path: Path) -> None:
    (tmp_path / "old").touch()
    watch = watching(tmp_path)
    assert not is_readable(watch)
    assert not watch.changed()


@pytest.mark.parametrize(
    "deed",
    [
        lambda folder: (folder / "new").touch(),
        lambda folder: (folder / "new").mkdir(),
        lambda folder: (folder / "old").unlink(),
        lambda folder: (folder / "old").rename(folder.parent / "elsewhere"),
    ],
    ids=["a file comes", "a folder comes", "a file goes", "a file moves away"],
)
def test_a_name_that_comes_or_goes_is_told_once(
    watching: Callable[..., FolderWatch], tmp_path: Path, deed: Callable[[Path], object]
) -> None:
    folder = tmp_path / "netns"
    folder.mkdir()
    (folder / "old").touch()
    watch = watching(folder)
    deed(folder)
    assert is_readable(watch)
    assert watch.changed()
    assert not watch.changed()


def test_what_is_written_or_opened_in_a_folder_is_nothing_new(
    watching: Callable[..., FolderWatch], tmp_path: Path
) -> None:
    (tmp_path / "old").touch()
    watch = watching(tmp_path)
    (tmp_path / "old").write_text("more")
    assert not is_readable(watch)


def test_a_folder_deep_down_that_comes_is_told_and_then_watched(
    watching: Callable[..., FolderWatch], tmp_path: Path
) -> None:
    deep = tmp_path / "kubepods" / "burstable"
    watch = watching(deep)
    deep.parent.mkdir()
    watch.changed()
    deep.mkdir()
    assert watch.changed()
    (deep / "pod1").mkdir()
    assert watch.changed()


def test_a_folder_that_comes_whole_is_watched(watching: Callable[..., FolderWatch], tmp_path: Path) -> None:
    deep = tmp_path / "kubepods" / "burstable"
    watch = watching(deep)
    deep.mkdir(parents=True)
    (deep / "pod1").mkdir()
    assert watch.changed()
    (deep / "pod2").mkdir()
    assert watch.changed()


def test_a_folder_that_goes_and_comes_back_is_watched_again(
    watching: Callable[..., FolderWatch], tmp_path: Path
) -> None:
    folder = tmp_path / "kubepods" / "burstable"
    folder.mkdir(parents=True)
    watch = watching(folder)
    folder.rmdir()
    folder.parent.rmdir()
    assert watch.changed()
    folder.mkdir(parents=True)
    assert watch.changed()
    (folder / "pod1").mkdir()
    assert watch.changed()


def test_a_neighbour_of_a_folder_on_the_way_is_nothing_new(
    watching: Callable[..., FolderWatch], tmp_path: Path
) -> None:
    watch = watching(tmp_path / "run" / "netns")
    (tmp_path / "lock").touch()
    assert not watch.changed()


def test_one_of_several_folders_is_enough(watching: Callable[..., FolderWatch], tmp_path: Path) -> None:
    watch = watching(tmp_path / "missing", tmp_path)
    (tmp_path / "new").touch()
    assert watch.changed()


def test_a_folder_that_came_in_a_flood_which_overflowed_the_kernels_queue_is_watched(
    watching: Callable[..., FolderWatch], tmp_path: Path
) -> None:
    late = tmp_path / "late"
    watch = watching(tmp_path, late)
    most = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    for number in range(most // 2 + 1):
        os.close(os.open(tmp_path / f"pod{number}", os.O_CREAT))
        os.unlink(tmp_path / f"pod{number}")
    late.mkdir()
    assert watch.changed()
    watch.changed()
    (late / "new").touch()
    assert watch.changed()


def test_without_inotify_nothing_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class NoLibc:
        def __getattr__(self, name: str) -> Callable[..., int]:
            return lambda *_: -1

    monkeypatch.setattr("pausetui.kernel.folders.ctypes.CDLL", lambda *_, **__: NoLibc())
    with closing(FolderWatch([str(tmp_path)])) as watch:
        assert watch.fileno() is None
        assert not watch.changed()


def test_a_closed_watch_lets_go_of_its_descriptor(tmp_path: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    watch = FolderWatch([str(tmp_path)])
    watch.close()
    watch.close()
    assert len(os.listdir("/proc/self/fd")) == before
    assert not watch.changed()
