"""The recordings of the real crictl in ``tests/data/crictl``."""

from __future__ import annotations

import functools
import json
import lzma
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "data" / "crictl"


@dataclass(frozen=True, slots=True)
class Recorded:
    """A call of the real crictl, and what came of it."""

    case: str
    argv: tuple[str, ...]
    env: dict[str, str]
    config: dict[str, str]
    rc: int
    out: str
    err: str

    def documents(self) -> list[Any]:
        """The JSON documents on stdout."""
        return documents(self.out)


@functools.cache
def recorded(version: str, containerd: str = "1.6.20") -> dict[str, Recorded]:
    """All calls of one version of crictl on one version of containerd, by their case."""
    lines = lzma.decompress((FOLDER / f"containerd-{containerd}-crictl-{version}.ndjson.xz").read_bytes()).decode()
    return {call["case"]: _call(call) for call in map(json.loads, lines.splitlines())}


def documents(text: str) -> list[Any]:
    """The JSON documents in a text, one after the other."""
    found, decoder, text = [], json.JSONDecoder(), text.strip()
    while text:
        value, end = decoder.raw_decode(text)
        found.append(value)
        text = text[end:].lstrip()
    return found


def _call(call: Any) -> Recorded:
    return Recorded(
        call["case"], tuple(call["argv"]), call["env"], call.get("config", {}), call["rc"], call["out"], call["err"]
    )
