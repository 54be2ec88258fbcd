"""Docker's contexts: named engines, kept below ~/.docker (docker-context(1))."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass

from pausetui.core.json_value import At, parse
from pausetui.errors import CannotLook, NotOurFormat
from pausetui.text import harmless

DEFAULT = "default"
"""The name for: none of them."""
_LONGEST = 1 << 20


@dataclass(frozen=True, slots=True)
class Context:
    """A named engine.

    Attributes:
        host: Its address.
        tls: The folder with ca.pem, cert.pem and key.pem for it, or None.
    """

    name: str
    host: str
    tls: str | None = None


def current(environ: Mapping[str, str]) -> Context | None:
    """The context that is in use, or None.

    Raises:
        CannotLook: One is, and what it says can't be read.
    """
    home = environ.get("HOME", "")
    folder = environ.get("DOCKER_CONFIG") or (f"{home}/.docker" if home else "")
    if not folder:
        return None
    name = environ.get("DOCKER_CONTEXT") or _configured(f"{folder}/config.json")
    if name in ("", DEFAULT):
        return None
    id_ = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()
    told = _read(f"{folder}/contexts/meta/{id_}/meta.json")
    if told is None:
        raise CannotLook(
            f"finding docker's context {harmless(name)}",
            "there is none of this name",
            "Name one that docker context ls shows, or an address: -H unix:///PATH.",
        )
    try:
        host = told["Endpoints"]["docker"]["Host"].text()
    except NotOurFormat as error:
        raise CannotLook(error.what, error.why) from error
    tls = f"{folder}/contexts/tls/{id_}/docker"
    return Context(name, host, tls if os.path.isdir(tls) else None)


def _configured(path: str) -> str:
    """The context that the configuration file names; a file that can't be read names none, as for docker."""
    try:
        told = _read(path)
        return told.get("currentContext", At.text, "") if told is not None else ""
    except (CannotLook, NotOurFormat):
        return ""


def _read(path: str) -> At | None:
    """A JSON file, or None if it is not there.

    Raises:
        CannotLook: It can't be read, or is no JSON.
    """
    what = f"reading {harmless(path)}"
    try:
        with open(path, "rb") as file:
            return At(parse(file.read(_LONGEST), what), what)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise CannotLook(what, harmless(str(error))) from error
    except NotOurFormat as error:
        raise CannotLook(what, error.why) from error
