"""An engine that is none: it says over a unix socket, in Docker's words, whatever a test wants to be told.

Docker's SDK talks to it as to the real one. The shape of the answers is that of Docker 20.10 and Podman 4.3.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingMixIn, UnixStreamServer
from typing import Any
from urllib.parse import unquote, urlsplit

from pausetui.backends.docker.endpoints import Endpoint

Doc = dict[str, Any]


def id_of(number: int) -> str:
    return f"{number:012x}".ljust(64, "0")


@dataclass
class FakeContainer:
    """One container; ``entry`` and ``document`` are what the list and ``inspect`` say of it."""

    number: int
    name: str
    state: str = "running"
    network: str = "default"
    labels: dict[str, str] = field(default_factory=dict)
    pid: int = 0
    address: str = ""
    exit_code: int = 0
    error: str = ""
    oom: bool = False
    policy: str = "no"
    started: str = "2026-11-24T10:00:00.5Z"
    mounts: tuple[tuple[str, str], ...] = ()
    restarts: int = 0
    status: str = "Up 3 minutes"

    @property
    def id(self) -> str:
        return id_of(self.number)

    def entry(self) -> Doc:
        networks = {"bridge": {"IPAddress": self.address, "GlobalIPv6Address": ""}} if self.address else {}
        return {
            "Id": self.id,
            "Names": [f"/{self.name}"],
            "Image": "busybox:1.35",
            "Created": 1_795_517_242 + self.number,
            "Labels": self.labels,
            "State": self.state,
            "Status": self.status,
            "HostConfig": {"NetworkMode": self.network},
            "NetworkSettings": {"Networks": networks},
        }

    def document(self) -> Doc:
        ended = self.state in ("exited", "dead")
        return {
            "Id": self.id,
            "Created": "2026-11-24T09:59:59.123456789Z",
            "Name": f"/{self.name}",
            "State": {
                "Status": self.state,
                "OOMKilled": self.oom,
                "Pid": self.pid,
                "ExitCode": self.exit_code,
                "Error": self.error,
                "StartedAt": self.started,
                "FinishedAt": "2026-11-24T10:05:00Z" if ended else "0001-01-01T00:00:00Z",
            },
            "RestartCount": self.restarts,
            "HostConfig": {
                "NetworkMode": self.network,
                "RestartPolicy": {
                    "Name": self.policy,
                    "MaximumRetryCount": 3 if self.policy == "on-failure" else 0,
                },
            },
            "Mounts": [
                {"Type": "volume", "Name": name, "Source": f"/v/{name}", "Destination": path}
                for name, path in self.mounts
            ],
            "Config": {"StopTimeout": None},
            "NetworkSettings": {
                "SandboxKey": f"/var/run/docker/netns/{self.id[-12:]}",
                "Networks": self.entry()["NetworkSettings"]["Networks"],
            },
        }


class FakeEngine:
    """What it says can be changed at any time; what it was asked is in ``asked``.

    Attributes:
        answers: Paths without the version, and what they are answered with instead: a document, an exception's
            status and message, or a function that writes to the socket itself.
    """

    def __init__(self, path: Path, *, podman: bool = False) -> None:
        self.path = path
        self.containers: list[FakeContainer] = []
        self.pods: list[Doc] = []
        self.podman = podman
        self.api = "1.41"
        self.asked: list[str] = []
        self.answers: dict[str, Any] = {}
        self.events: list[Doc] = []
        self.said = threading.Condition()
        self.up = True

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint(f"unix://{self.path}", "from a test", ("docker",), str(self.path))

    def add(self, number: int, name: str, **more: Any) -> FakeContainer:
        container = FakeContainer(number, name, **more)
        self.containers.append(container)
        return container

    def say(self, action: str, id_: str, kind: str = "container") -> None:
        """Have all who listen be told of an event."""
        attributes = {"container": id_} if kind == "network" else {}
        with self.said:
            self.events.append({"Type": kind, "Action": action, "Actor": {"ID": id_, "Attributes": attributes}})
            self.said.notify_all()

    def inspected(self) -> list[str]:
        """Which containers were asked about, by name, since the last time."""
        names = {each.id: each.name for each in self.containers}
        found = [names[path.split("/")[2]] for path in self.asked if path.count("/") == 3 and "containers" in path]
        self.asked.clear()
        return found

    def answer(self, method: str, path: str) -> tuple[int, Any]:
        if path in self.answers:
            return self.answers[path]  # type: ignore[no-any-return]
        match path.strip("/").split("/"):
            case ["version"]:
                return 200, self._version()
            case ["_ping"]:
                return 200, "OK"
            case ["containers", "json"]:
                return 200, [each.entry() for each in self.containers]
            case ["containers", id_, "json"]:
                found = next((each for each in self.containers if each.id == id_), None)
                return (200, found.document()) if found else (404, {"message": f"No such container: {id_}"})
            case ["libpod", "pods", "json"] if self.podman:
                return 200, self.pods
            case _ if method in ("POST", "DELETE"):
                return 204, None
            case _:
                return 404, {"message": "page not found"}

    def _version(self) -> Doc:
        name = "Podman Engine" if self.podman else "Engine"
        part = {"Name": name, "Version": "4.3.1", "Details": {"APIVersion": "4.3.1"}}
        return {"Version": "4.3.1" if self.podman else "20.10.24", "ApiVersion": self.api, "Components": [part]}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        engine = self.server.engine
        path = _without_version(urlsplit(self.path).path)
        engine.asked.append(f"{self.command} {path}" if self.command != "GET" else path)
        special = engine.answers.get(path)
        if callable(special):
            special(self)
        elif path == "/events":
            self._stream()
        else:
            self._send(*engine.answer(self.command, path))

    do_POST = do_DELETE = do_GET

    def _send(self, status: int, body: Any) -> None:
        content = body.encode() if isinstance(body, str) else b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _stream(self) -> None:
        engine = self.server.engine
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        told = 0
        while engine.up:
            with engine.said:
                engine.said.wait(0.05)
                new, told = engine.events[told:], len(engine.events)
            try:
                for event in new:
                    line = json.dumps(event).encode() + b"\n"
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
            except OSError:
                return
        self.close_connection = True

    def address_string(self) -> str:
        return "test"

    def log_message(self, *_: object) -> None:
        return


class _Server(ThreadingMixIn, UnixStreamServer):
    daemon_threads = True
    engine: FakeEngine

    def handle_error(self, *_: object) -> None:
        return  # who asked has gone


def _without_version(path: str) -> str:
    head, _, rest = path.lstrip("/").partition("/")
    versioned = head.startswith("v") and head[1:2].isdigit()
    return unquote(f"/{rest}" if versioned else path)


@contextmanager
def running(engine: FakeEngine) -> Iterator[FakeEngine]:
    """While the block lasts it listens."""
    engine.path.unlink(missing_ok=True)
    engine.up = True
    with _Server(str(engine.path), _Handler) as server:
        server.engine = engine
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield engine
        finally:
            engine.up = False
            server.shutdown()
            thread.join()


Special = Callable[[BaseHTTPRequestHandler], None]


def says(text: bytes) -> Special:
    """Answers with these bytes, whatever they are, and hangs up."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(text)
        handler.close_connection = True

    return answer


def hangs(until: threading.Event) -> Special:
    """Answers nothing until this is set."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        until.wait(30)
        handler.close_connection = True

    return answer
