"""The engine's API over Docker's SDK: the one place that knows the SDK, which carries no types.

Every call has a timeout and raises errors of ours. The version of the API is agreed on once for each connection.
"""

from __future__ import annotations

import os
import re
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote

from pausetui.backends.docker import listing
from pausetui.backends.docker.events import Events
from pausetui.backends.docker.failures import Dropped, NotFound, as_error
from pausetui.backends.docker.finding import Endpoint
from pausetui.backends.docker.reading import unknown
from pausetui.core.json_value import At, Json
from pausetui.errors import CannotLook, NotOurFormat
from pausetui.text import harmless

if TYPE_CHECKING:
    from docker.api.client import APIClient

API_VARIABLE = "DOCKER_API_VERSION"
_OLDEST = "1.24"
"""The oldest version of the API that the SDK speaks: Docker 1.12, of 2016."""
_EVENTS = {"type": ["container", "network"]}
_UNSUPPORTED = ("ssh://", "npipe://", "fd://")
_VERSION = re.compile(r"[0-9]{1,4}(\.[0-9]{1,4}){0,2}", re.ASCII)
_LONGEST = 400


class Client:
    """One connection to an engine, for one thread at a time. Nothing is sent before the first question."""

    def __init__(self, endpoint: Endpoint, timeout: float, environ: Mapping[str, str], api: str = "") -> None:
        """Args:
        endpoint: Who is asked.
        timeout: Seconds that an answer may take.
        environ: The environment; ``DOCKER_API_VERSION`` is read from it.
        api: The version of the API, "" to ask the engine for it.
        """
        self.endpoint = endpoint
        self.timeout = timeout
        self._given = api or environ.get(API_VARIABLE, "")
        self._api = self._given
        self._sdk: APIClient | None = None
        self._libpod: str | None = None

    @property
    def api(self) -> str:
        """The version of the API that was agreed on, "" as long as none was."""
        return self._api

    def version(self) -> At:
        """``/version``: who answers, in which versions, and so whether it is Podman, which has pods."""
        doing = "asking for its version"
        self._knock(doing)
        with self._told(doing):
            sdk = self._made(_OLDEST)  # for this call it says nothing
            with closing(sdk):
                told = At(sdk.version(api_version=False), "/version")
        try:
            self._api = self._given or told["ApiVersion"].text()
            libpod = listing.components(told).get(listing.PODMAN, "")
        except NotOurFormat as error:
            raise unknown(error) from error
        self._libpod = libpod if _VERSION.fullmatch(libpod) else None
        return told

    def containers(self) -> At:
        """``/containers/json``: all containers, those that ended, too."""
        return self._read("listing the containers", "/containers/json", lambda sdk: sdk.containers(all=True))

    def inspect(self, id_: str) -> At:
        """``/containers/ID/json``: one container.

        Raises:
            NotFound: There is none of this id.
        """
        doing = f"asking about container {id_[:12]}"
        return self._read(doing, f"/containers/{id_[:12]}/json", lambda sdk: sdk.inspect_container(id_))

    def check(self) -> None:
        """See that the engine answers at all.

        Raises:
            CannotLook: It does not.
        """
        self._asked("asking whether it is there", "/_ping", lambda sdk: sdk.ping())

    def pods(self) -> At | None:
        """Podman's pods; None of an engine that has none. ``version`` has to be asked for before."""
        if self._libpod is None:
            return None
        try:
            return self._of_libpod("get", "pods/json", "listing the pods", self.timeout)
        except NotFound:
            return None  # what is between us and Podman lets only Docker's API through

    def pod(self, verb: str, id_: str, seconds: float) -> None:
        """Have Podman ``start``, ``stop`` or ``rm`` (by force) a pod, which may take so many seconds."""
        where = f"pods/{quote(id_, safe='')}"
        doing = f"{verb} of pod {id_[:12]}"
        self.version()
        if verb == "rm":
            self._of_libpod("delete", f"{where}?force=true", doing, seconds)
        else:
            self._of_libpod("post", f"{where}/{verb}", doing, seconds)

    def start(self, id_: str) -> None:
        """Start a container that does not run."""
        self._asked(f"starting {id_[:12]}", "start", lambda sdk: sdk.start(id_))

    def stop(self, id_: str, grace: int) -> None:
        """Ask a container to end, and end it after so many seconds."""
        self._asked(f"stopping {id_[:12]}", "stop", lambda sdk: sdk.stop(id_, timeout=grace))

    def restart(self, id_: str, grace: int) -> None:
        """The same, and start it again."""
        self._asked(f"restarting {id_[:12]}", "restart", lambda sdk: sdk.restart(id_, timeout=grace))

    def kill(self, id_: str) -> None:
        """End a container by SIGKILL."""
        self._asked(f"killing {id_[:12]}", "kill", lambda sdk: sdk.kill(id_))

    def remove(self, id_: str) -> None:
        """End a container and forget it."""
        self._asked(f"removing {id_[:12]}", "remove", lambda sdk: sdk.remove_container(id_, force=True))

    def events(self, stop: threading.Event) -> Events:
        """``/events``: what happens from now on, until ``stop`` is set or the engine ends.

        That the engine answers is seen first, by asking for its version: the wait for an event has no end.
        """
        doing = "listening to its events"
        self.version()
        with self._told(doing):
            stream = self._connected().events(decode=True, filters=_EVENTS)
        return Events(stream, stop, partial(self._told, doing))

    def close(self) -> None:
        """Let go of the connection. A second call does nothing."""
        sdk, self._sdk, self._api = self._sdk, None, self._given
        if sdk is not None:
            sdk.close()

    def _knock(self, doing: str) -> None:
        """See that somebody listens: the SDK would leave the socket of a failed connection open for a while."""
        path = self.endpoint.socket
        if path is None:
            return
        try:
            with socket.socket(socket.AF_UNIX) as door:
                door.settimeout(self.timeout)
                door.connect(path)
        except OSError as error:
            raise as_error(error, doing, self.endpoint, self.timeout) from error

    def _asked(self, doing: str, what: str, ask: Callable[[APIClient], Json]) -> At:
        with self._told(doing):
            return At(ask(self._connected()), what)

    def _read(self, doing: str, what: str, ask: Callable[[APIClient], Json]) -> At:
        """The same for what changes nothing, and so may be asked twice."""
        try:
            return self._asked(doing, what, ask)
        except Dropped:
            return self._asked(doing, what, ask)

    def _of_libpod(self, method: str, path: str, doing: str, seconds: float) -> At:
        with self._told(doing):
            sdk = self._connected()
            url = f"{sdk.base_url}/v{self._libpod}/libpod/{path}"
            response = sdk.request(method, url, timeout=seconds)
            answer: Json = response.json() if response.content else None
        if response.status_code < 400:
            return At(answer, f"/libpod/{path}")
        error = NotFound if response.status_code == 404 else CannotLook
        raise error(doing, _cause(answer) or f"HTTP {response.status_code}")

    def _connected(self) -> APIClient:
        if self._sdk is None:
            if not self._api:
                self.version()
            self._sdk = self._made(self._api)
        return self._sdk

    def _made(self, api: str) -> APIClient:
        from docker.api.client import APIClient

        url = self.endpoint.url
        if url.startswith(_UNSUPPORTED):
            raise CannotLook(
                f"asking {url}", "only this machine's engine can be looked at", "Run pausetui where it is."
            )
        path = self.endpoint.socket
        sdk = APIClient(
            base_url=url if path is None else f"unix://{path}",
            version=api,
            timeout=self.timeout,
            tls=self._tls(),
        )
        # The SDK keeps a pool of connections for each address; we leave none open.
        sdk.headers["Connection"] = "close"
        return sdk

    def _tls(self) -> object:
        folder = self.endpoint.tls
        if folder is None:
            return False
        from docker.tls import TLSConfig

        pair = (f"{folder}/cert.pem", f"{folder}/key.pem")
        return TLSConfig(
            client_cert=pair if os.path.exists(pair[0]) else None, ca_cert=f"{folder}/ca.pem", verify=True
        )

    @contextmanager
    def _told(self, doing: str) -> Iterator[None]:
        """Errors of the SDK, and of what it stands on, become ours.

        It trusts an engine's answers to be of the right types, and closing a stream under whoever reads it shows as
        an AttributeError.
        """
        try:
            from docker.errors import DockerException
            from urllib3.exceptions import HTTPError
        except ImportError as error:
            raise CannotLook(doing, f"the library docker is missing: {error}", "pip install docker") from error
        try:
            yield
        except (DockerException, HTTPError, OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            raise as_error(error, doing, self.endpoint, self.timeout) from error


def _cause(answer: Json) -> str:
    said = answer.get("message") if isinstance(answer, dict) else None
    return harmless(said, _LONGEST) if isinstance(said, str) else ""
