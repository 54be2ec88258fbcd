"""What ``pausetui doctor`` says, run as somebody runs it, and what its commands do."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator

from pausetui.commands.schema import text


@dataclass(frozen=True, slots=True)
class Report:
    """A check-up, as it was printed.

    Attributes:
        code: The exit code.
        said: The JSON.
        stderr: What was said beside it.
    """

    code: int
    said: Any
    stderr: str

    def all(self, id_: str) -> list[Any]:
        """The findings with this id."""
        return [one for one in self.said["findings"] if one["id"] == id_]

    def finding(self, id_: str, word: str) -> Any:
        """The one with this id that has this word in its subject or title."""
        told = [one for one in self.all(id_) if word in f"{one['subject']} {one['title']}"]
        others = [(one["id"], one["title"]) for one in self.said["findings"]]
        assert len(told) == 1, f"{id_} {word}: {told or others}"
        return told[0]


def report(done: subprocess.CompletedProcess[str]) -> Report:
    """What ``doctor -o json`` printed; it fits the schema, and its exit code says whether something was found."""
    if done.returncode not in (0, 1):
        return Report(done.returncode, None, done.stderr)
    said = json.loads(done.stdout)
    Draft202012Validator(json.loads(text("doctor"))).validate(said)
    assert done.returncode == bool(said["findings"])
    return Report(done.returncode, said, done.stderr)


@contextmanager
def repeating(deed: Callable[[], None]) -> Iterator[None]:
    """While the block lasts this is done again and again; it has been done whole when the block has ended."""
    done: list[bool] = []

    def again() -> None:
        while not done:
            deed()

    with ThreadPoolExecutor(1) as other:
        running = other.submit(again)
        try:
            yield
        finally:
            done.append(True)
        running.result()
