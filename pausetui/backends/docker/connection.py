"""A connection to an engine over Docker's SDK: the one place that knows the SDK, which carries no types.

Every call has a timeout and raises errors of ours. The version of the API is agreed on once for each connection.
"""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from pausetui.backends.docker import listing
from pausetui.backends.docker.endpoints import Endpoint
from pausetui.backends.docker.failures import Dropped, NotFound, as_error
from pausetui.backends.docker.reading import unknown
from pausetui.core.json_value import At, Json
from pausetui.errors import CannotLook, NotOurFormat
from pausetui.text import harmless

if TYPE_CHECKING:
    from docker.api.client import APIClient

API_VARIABLE = "DOCKER_API_VERSION"
_OLDEST = "1.24"
"""The oldest version of the API that the SDK speaks: Docker 1.12, of 2016."""
_UNSUPPORTED = ("ssh://", "npipe://", "fd://")
_VERSION = re.compile(r"[0-9]{1,4}(\.[0-9]{1,4}){0,2}", re.ASCII)
_LONGEST = 400


class Connection:
    """A connection to an engine, for one thread at a time. Nothing is sent before the first question."""

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
