"""Which runtime is asked, and for how long: options, environment, config file, the usual sockets."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from tests.crictl_standin.flags import Parsed
from tests.crictl_standin.said import Fatal, Usage, klog, log
from tests.crictl_standin.versions import Version

USUAL = ("unix:///run/containerd/containerd.sock", "unix:///run/crio/crio.sock", "unix:///var/run/cri-dockerd.sock")
DOCKERSHIM = "unix:///var/run/dockershim.sock"
CONFIG = "/etc/crictl.yaml"
DEFAULT_TIMEOUT = 2.0
_KEYS = {"runtime-endpoint", "image-endpoint", "timeout", "debug", "pull-image-on-create", "disable-pull-on-run"}
_UNITS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


class _BadConfig(Exception):
    pass


@dataclass(frozen=True, slots=True)
class Asked:
    """The endpoints to try, in this order, and the limit of each call in seconds."""

    endpoints: tuple[str, ...]
    timeout: float


def configured(given: Parsed, program: str, version: Version) -> dict[str, str]:
    """The config file: the one that was named, else the usual one, else the one beside the program.

    Raises:
        Fatal: The one that was named can't be used; the others may be broken.
    """
    named = given.options.get("config", os.environ.get("CRI_CONFIG_FILE"))
    path, beside = Path(named or CONFIG), Path(program).parent / "crictl.yaml"
    if not path.exists():
        if version.protojson:
            log("warning", f'Config "{path}" does not exist, trying next: "{beside}"')
        path = beside
    try:
        return _read(path.read_text())
    except OSError:
        reason = f"stat {path}: no such file or directory"
    except _BadConfig as error:
        reason = str(error)
    if named is None:
        return {}
    raise Fatal(f"load config file: {reason}")


def asked(given: Parsed, config: dict[str, str], version: Version) -> Asked:
    """What the options before the command, the environment and the config file come to.

    Raises:
        Fatal: The endpoint is empty, or of a kind that crictl doesn't take.
    """
    timeout = duration(given.options.get("timeout", "0")) or _seconds(config) or DEFAULT_TIMEOUT
    endpoint = given.options.get("runtime-endpoint", os.environ.get("CONTAINER_RUNTIME_ENDPOINT"))
    if endpoint == "":
        raise Fatal("--runtime-endpoint is not set")
    endpoint = endpoint or config.get("runtime-endpoint")
    if endpoint:
        return Asked((_with_scheme(endpoint, version),), timeout)
    usual = USUAL if version.since(1, 30) else (DOCKERSHIM, *USUAL)
    log(
        "warning",
        f"runtime connect using default endpoints: [{' '.join(usual)}]. "
        "As the default settings are now deprecated, you should set the endpoint instead.",
    )
    return Asked(usual, timeout)


def duration(text: str) -> float:
    """Go's durations, "1m30s", in seconds.

    Raises:
        Usage: It is none; "2" has no unit.
    """
    if text == "0":
        return 0.0
    if not re.fullmatch(r"(\d+(\.\d+)?(ns|us|ms|s|m|h))+", text):
        raise Usage(f'invalid value "{text}" for flag -t: parse error')
    return sum(float(number) * _UNITS[unit] for number, unit in re.findall(r"([\d.]+)(ns|us|ms|s|m|h)", text))


def _read(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("\t"):
            raise _BadConfig(f"yaml: line {number}: found a tab character that violates indentation")
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        key, colon, value = line.partition(":")
        if not colon:
            raise _BadConfig(f"yaml: line {number}: could not find expected ':'")
        if key not in _KEYS:
            raise _BadConfig(f"Config option '{key}' is not valid")
        found[key] = value.strip().strip("\"'")
    return found


def _seconds(config: dict[str, str]) -> float:
    return float(config["timeout"]) if config.get("timeout", "").isdigit() else 0.0


def _with_scheme(endpoint: str, version: Version) -> str:
    scheme, separator, _ = endpoint.partition("://")
    if not separator:
        full = f"unix://{endpoint}"
        if not version.since(1, 28):
            words = "Using this format as endpoint is deprecated, please consider using full url format."
            klog("I", "util_unix.go:104", words, deprecatedFormat=endpoint, fullURLFormat=full)
        elif not version.protojson:
            words = "Using this endpoint is deprecated, please consider using full URL format"
            klog("I", "util_unix.go:103", words, endpoint=endpoint, URL=full)
        return full
    if scheme == "tcp":
        raise Fatal("only support unix socket endpoint")
    if scheme != "unix":
        raise Fatal(f'protocol "{scheme}" not supported')
    return endpoint
