"""Which crictl there is, and which runtime it is to ask: as crictl itself decides, and a little further.

crictl takes the flag ``-r``, else ``CONTAINER_RUNTIME_ENDPOINT``, else its configuration file, else it tries the
usual sockets of containerd, CRI-O and cri-dockerd, one after the other (cmd/crictl/main.go of cri-tools). Where
that comes to the usual sockets we choose, because only we know those of k3s, RKE2, microk8s and k0s, and because
crictl blames the last one that it tried.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from pausetui.backends.crictl.below import ours, resolved
from pausetui.backends.crictl.config import Config, NotUnderstood, Refused, parse
from pausetui.backends.crictl.program import Program
from pausetui.backends.crictl.running import PATHS
from pausetui.errors import CannotLook
from pausetui.kernel.host import HostRoot
from pausetui.text import harmless

ENDPOINT_VARIABLE = "CONTAINER_RUNTIME_ENDPOINT"
CONFIG_VARIABLE = "CRI_CONFIG_FILE"
DEFAULT_CONFIG = "/etc/crictl.yaml"
DEFAULT_TIMEOUT = 2.0
"""Seconds that crictl waits for one answer, if nobody says otherwise."""
MARGIN = 3.0
"""Seconds that we give crictl on top, to say what it waited for in vain."""

SOCKETS = (
    "/run/containerd/containerd.sock",
    "/run/crio/crio.sock",
    "/var/run/cri-dockerd.sock",
    "/run/k3s/containerd/containerd.sock",
    "/var/snap/microk8s/common/run/containerd.sock",
    "/run/k0s/containerd.sock",
)
"""The usual ones: first those that crictl tries, in its order; k3s' is RKE2's, too."""

_MORE_PATHS = (
    "/opt/bin",
    "/home/kubernetes/bin",
    "/var/lib/rancher/rke2/bin",
    "/snap/microk8s/current/bin",
)
"""Where distributions put a crictl that is in nobody's PATH."""

_K3S_CONFIG = "/var/lib/rancher/k3s/agent/etc/crictl.yaml"
"""What k3s' own crictl reads instead of ``DEFAULT_CONFIG`` (cmd/k3s/main.go of k3s)."""
_LONGEST_CONFIG = 65_536


@dataclass(frozen=True, slots=True)
class CrictlOptions:
    """What the command line says of crictl.

    Attributes:
        runtime_endpoint: ``--runtime-endpoint``: the runtime's address, ``unix:///run/…``.
        config: ``--config``: crictl's configuration file, a path of the machine that is looked at.
        timeout: ``--timeout``: seconds that crictl waits for one answer of the runtime.
    """

    runtime_endpoint: str | None = None
    config: str | None = None
    timeout: float | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Which crictl asks which runtime.

    Attributes:
        program: How it is called.
        endpoint: The runtime's address; None if only crictl knows.
        why: Where that comes from, in words: "from /etc/crictl.yaml".
        timeout: Seconds that crictl waits for one answer of the runtime. What we wait for crictl has to be more.
    """

    program: Program
    endpoint: str | None
    why: str
    timeout: float


def find(host: HostRoot, options: CrictlOptions, environ: Mapping[str, str]) -> Found:
    """Look for crictl and for the runtime.

    Args:
        host: The machine. crictl, its configuration and the sockets are those below its root.
        options: What the command line says.
        environ: The environment, as crictl reads it.

    Raises:
        CannotLook: There is no crictl, or nothing that it could ask.
    """
    binary = _binary(host, environ)
    if binary is None:
        raise CannotLook(
            "finding crictl",
            f"there is none in PATH, {', '.join(_MORE_PATHS)}, and no k3s",
            "Install it (github.com/kubernetes-sigs/cri-tools), or look without it: --backend proc.",
        )
    file = _file(host, options, environ, binary)
    own = ("-t", _duration(options.timeout)) if options.timeout else ()
    plain = Program((*binary, *(("-c", file.path) if file.named else ()), *own), _root(host))
    timeout = options.timeout or (file.config and file.config.timeout) or DEFAULT_TIMEOUT
    chosen = _chosen(options, environ, file) or _usual(host, plain, timeout)
    program = _asking(plain, chosen.endpoint) if chosen.endpoint is not None and chosen.tell else plain
    endpoint = None if chosen.endpoint is None else harmless(chosen.endpoint)
    return Found(program, endpoint, chosen.why, timeout)


def seems_present(host: HostRoot, options: CrictlOptions, environ: Mapping[str, str]) -> bool:
    """Whether there is a crictl and a socket to ask. Starts nothing, connects to nobody; never raises."""
    binary = _binary(host, environ)
    if binary is None:
        return False
    chosen = _chosen(options, environ, _file(host, options, environ, binary))
    if chosen is None:
        return any(_may_be_socket(host, path) for path in SOCKETS)
    path = (chosen.endpoint or "").removeprefix("unix://")
    return chosen.endpoint is None or (path.startswith("/") and _may_be_socket(host, path))


@dataclass(frozen=True, slots=True)
class _Choice:
    """An endpoint, None if only crictl knows it; why it is that; whether crictl has to be told."""

    endpoint: str | None
    why: str
    tell: bool


@dataclass(frozen=True, slots=True)
class _File:
    """crictl's configuration file; whether somebody named it; what is in it, None if only crictl can tell."""

    path: str
    named: bool
    config: Config | None


def _chosen(options: CrictlOptions, environ: Mapping[str, str], file: _File) -> _Choice | None:
    """What somebody has decided; None if nobody has."""
    if options.runtime_endpoint is not None:
        return _Choice(options.runtime_endpoint, "from --runtime-endpoint", tell=True)
    if ENDPOINT_VARIABLE in environ:
        return _Choice(environ[ENDPOINT_VARIABLE], f"from {ENDPOINT_VARIABLE}", tell=True)
    if file.config is None:
        return _Choice(None, f"as crictl reads {harmless(file.path)}", tell=False)
    if file.config.endpoint:
        return _Choice(file.config.endpoint, f"from {harmless(file.path)}", tell=False)
    return None


def _usual(host: HostRoot, plain: Program, timeout: float) -> _Choice:
    """The first of the usual sockets; where there are several, the first behind which a runtime answers.

    Docker's own containerd is often there, too, and does not serve the CRI.
    """
    endpoints = [f"unix://{path}" for path in SOCKETS if _may_be_socket(host, path)]
    if not endpoints:
        raise CannotLook(
            "finding the CRI runtime",
            f"none of the usual sockets is there ({', '.join(SOCKETS)})",
            "Start the runtime, or name its socket: --runtime-endpoint unix:///PATH.",
        )
    if len(endpoints) > 1:
        for endpoint in endpoints:
            if _answers(_asking(plain, endpoint), timeout):
                return _Choice(endpoint, "the first usual socket that answers", tell=True)
    return _Choice(endpoints[0], "the first usual socket there is", tell=True)


def _answers(program: Program, timeout: float) -> bool:
    try:
        return program.run("version", timeout=timeout + MARGIN).rc == 0
    except CannotLook:
        return False


def _asking(program: Program, endpoint: str) -> Program:
    return replace(program, argv=(*program.argv, "-r", endpoint))


def _binary(host: HostRoot, environ: Mapping[str, str]) -> tuple[str, ...] | None:
    """What has to be run, in paths of the machine."""
    folders = dict.fromkeys((*_path_variable(host, environ), *PATHS, *_MORE_PATHS))
    for name, more in (("crictl", ()), ("k3s", ("crictl",))):
        for folder in folders:
            path = f"{folder.rstrip('/')}/{name}"
            here = ours(host, path)
            if os.path.isfile(here) and os.access(here, os.X_OK):
                return (path, *more)
    return None


def _path_variable(host: HostRoot, environ: Mapping[str, str]) -> Iterator[str]:
    """The folders of PATH; in a debug container it is about the container."""
    if _root(host) is None:
        yield from (folder for folder in environ.get("PATH", "").split(os.pathsep) if folder.startswith("/"))


def _file(host: HostRoot, options: CrictlOptions, environ: Mapping[str, str], binary: tuple[str, ...]) -> _File:
    """The configuration file that crictl reads: one that is not there is replaced by that beside the program.

    One that it can't use it passes over without a word, unless it was named: then it has to say what is wrong.
    """
    program = resolved(host, binary[0])
    given = options.config or environ.get(CONFIG_VARIABLE)
    usual = _K3S_CONFIG if program.rpartition("/")[2].startswith("k3s") else DEFAULT_CONFIG
    for path in (given or usual, f"{program.rpartition('/')[0]}/crictl.yaml"):
        try:
            with open(ours(host, path), encoding="utf-8", errors="replace") as file:
                return _File(path, bool(given), parse(file.read(_LONGEST_CONFIG)))
        except (FileNotFoundError, NotADirectoryError):
            continue
        except NotUnderstood:
            return _File(path, bool(given), None)
        except (OSError, ValueError, Refused):
            break
    return _File(given or usual, bool(given), None if given else Config())


def _may_be_socket(host: HostRoot, path: str) -> bool:
    """Whether there is a socket, as far as we may know."""
    try:
        return stat.S_ISSOCK(os.stat(ours(host, path)).st_mode)
    except PermissionError:
        return True
    except (OSError, ValueError):
        return False


def _root(host: HostRoot) -> str | None:
    return None if host.path.rstrip("/") == "" else host.path


def _duration(seconds: float) -> str:
    """As Go writes it; crictl wants a unit."""
    return f"{seconds:.0f}s" if seconds == int(seconds) else f"{round(seconds * 1000)}ms"
