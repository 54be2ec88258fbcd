"""Writing down what was seen, for a colleague: as JSON and as readable text, for nobody else's eyes."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import UTC
from pathlib import Path

from pausetui.core.readable import saved_to_text
from pausetui.core.wire import saved_to_json
from pausetui.errors import PausetuiError
from pausetui.live.picture import Picture

OURS_ALONE = 0o600


class CannotSave(PausetuiError):
    """What was seen could not be written down."""


def save(picture: Picture, environment: Mapping[str, str] = os.environ) -> tuple[Path, Path]:
    """Write snapshot and timeline to two new files, in the working directory or, failing that, our state folder.

    Returns:
        The absolute paths of the JSON file and of the text file.

    Raises:
        CannotSave: Neither folder can be written to.
    """
    texts = (
        json.dumps(saved_to_json(picture.snapshot, picture.timeline), indent=1) + "\n",
        saved_to_text(picture.snapshot, picture.timeline),
    )
    reason = ""
    for folder in (Path.cwd, lambda: state_folder(environment)):
        try:
            return _written(folder(), f"{picture.snapshot.taken_at.astimezone(UTC):%Y%m%dT%H%M%SZ}", texts)
        except OSError as error:
            reason = f"{error.strerror} ({error.filename})"
    raise CannotSave("saving what was seen", reason, "Start pausetui in a folder that you may write to.")


def state_folder(environment: Mapping[str, str]) -> Path:
    """``$XDG_STATE_HOME/pausetui``, made if it is not there."""
    base = environment.get("XDG_STATE_HOME", "")
    folder = Path(base) if os.path.isabs(base) else Path.home() / ".local" / "state"
    (folder / "pausetui").mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / "pausetui"


def _written(folder: Path, moment: str, texts: tuple[str, str]) -> tuple[Path, Path]:
    for number in range(1, 100):
        stem = f"pausetui-{moment}" if number == 1 else f"pausetui-{moment}-{number}"
        paths = (folder / f"{stem}.json", folder / f"{stem}.txt")
        try:
            return _write(paths[0], texts[0]), _write(paths[1], texts[1])
        except FileExistsError:
            continue
    raise FileExistsError(17, "too many files of this second", str(folder))


def _write(path: Path, text: str) -> Path:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, OURS_ALONE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    return path
