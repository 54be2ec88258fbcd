"""What crictl's configuration file says of the endpoint and the timeout.

crictl reads it itself; we do to say which runtime is asked, and for how long to wait. It is YAML with a few known
keys, each with one plain value. Whatever else YAML allows is left to crictl.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_KEYS = frozenset(
    {
        "runtime-endpoint",
        "image-endpoint",
        "timeout",
        "debug",
        "pull-image-on-create",
        "disable-pull-on-run",
        "max-retries",
    }
)
"""Those that crictl knows; it refuses a file with any other (pkg/common/file.go of cri-tools)."""

_LINE = re.compile(
    r"""(?P<quote>["']?)(?P<key>[\w.-]+)(?P=quote)[ ]*:(?:[ \t]+|$)
        (?:"(?P<double>[^"\\]*)"|'(?P<single>(?:[^']|'')*)'|(?P<plain>[^\s"'#&*!|>%@`\[\]{},?-][^#]*?|))
        [ \t]*(?:(?:(?<=[ \t])|(?<=:))\#.*)?""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Config:
    """What a configuration file says.

    Attributes:
        endpoint: The runtime's address; "" if it names none.
        timeout: Seconds for one answer; None if it names none (0 counts as none).
    """

    endpoint: str = ""
    timeout: float | None = None


class Refused(Exception):
    """crictl knows better than to use this file: of /etc/crictl.yaml it says nothing, of others it fails."""


class NotUnderstood(Exception):
    """It may be a good file; crictl has to say."""


def parse(text: str) -> Config:
    """Read a configuration file.

    Raises:
        Refused: It has a key that crictl doesn't know, or a value that it can't use.
        NotUnderstood: It is more than keys with plain values.
    """
    values: dict[str, str] = {}
    for line in text.splitlines():
        if not line.split("#")[0].strip() or line.rstrip() in ("---", "..."):
            continue
        found = _LINE.fullmatch(line.rstrip())
        if found is None:
            raise NotUnderstood
        values[found["key"]] = _value(found)
    if values.keys() - _KEYS:
        raise Refused
    return Config(values.get("runtime-endpoint", ""), _seconds(values.get("timeout", "0")))


def _value(found: re.Match[str]) -> str:
    if found["single"] is not None:
        return found["single"].replace("''", "'")
    if found["double"] is not None:
        return found["double"]
    plain = found["plain"] or ""
    return "" if plain in ("~", "null") else plain


def _seconds(value: str) -> float | None:
    if not re.fullmatch(r"[+-]?\d{1,9}", value):
        raise Refused
    return float(value) if int(value) > 0 else None
