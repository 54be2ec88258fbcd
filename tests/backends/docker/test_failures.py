"""What is said when an engine can't be asked: what failed, why, and what to do."""

from __future__ import annotations

import os
import socket
import stat
import threading
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pausetui.backends.docker.backend import DockerBackend, PodmanBackend
from pausetui.backends.docker.client import Client
from pausetui.backends.docker.failures import Dropped
from pausetui.backends.docker.finding import DockerOptions
from pausetui.core.json_value import At
from pausetui.core.observation import Node, Observation
from pausetui.errors import CannotLook, NoPermission
from pausetui.kernel.host import HostRoot
from tests.backends.docker.engine import FakeEngine, hangs, says

NOTHING = Observation(datetime.now(UTC), Node("node", "6.1", "0", "0"))


def failure(path: Path | str, timeout: float = 5.0, *, podman: bool = False) -> CannotLook:
    made = PodmanBackend if podman else DockerBackend
    backend = made(HostRoot(), DockerOptions(host=str(path), timeout=timeout), {})
    with closing(backend), pytest.raises(CannotLook) as caught:
        backend.inventory(NOTHING)
    return caught.value


def test_no_socket(tmp_path: Path) -> None:
    error = failure(tmp_path / "nobody.sock")
    assert error.why == f"there is no socket unix://{tmp_path}/nobody.sock"
    assert error.next_step == "Start it: systemctl start docker."


def test_nobody_listens(tmp_path: Path) -> None:
    with closing(socket.socket(socket.AF_UNIX)) as left:
        left.bind(str(tmp_path / "left.sock"))
    error = failure(tmp_path / "left.sock")
    assert error.why.startswith("nobody listens at unix://")
    assert "systemctl start docker" in error.next_step


def test_no_permission_names_the_docker_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "closed.sock"
    os.mknod(path, stat.S_IFSOCK | 0o600)
    _refuse(monkeypatch)
    error = failure(path)
    assert isinstance(error, NoPermission)
    assert error.why == f"Permission denied: we may not use unix://{path}"
    assert "usermod -aG docker" in error.next_step


def test_no_permission_to_podman_says_whose_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _refuse(monkeypatch)
    error = failure(tmp_path / "closed.sock", podman=True)
    assert isinstance(error, NoPermission)
    assert "as the user whose containers they are" in error.next_step


def _refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may connect to every socket; for this test it may not."""

    class Refusing(socket.socket):
        def connect(self, _: object) -> None:
            raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(socket, "socket", Refusing)


def test_an_engine_that_hangs_is_told_in_time(engine: FakeEngine) -> None:
    over = threading.Event()
    engine.answers["/version"] = hangs(over)
    asked = time.monotonic()
    error = failure(engine.path, timeout=0.2)
    over.set()
    assert time.monotonic() - asked < 5
    assert "within 0.2 s: it hangs" in error.why
    assert "systemctl status docker" in error.next_step


def test_an_engine_that_hangs_over_one_container_only_is_no_failure(engine: FakeEngine) -> None:
    over = threading.Event()
    bad = engine.add(1, "stuck")
    engine.add(2, "good")
    engine.answers[f"/containers/{bad.id}/json"] = hangs(over)
    options = DockerOptions(host=str(engine.path), timeout=0.2)
    with closing(DockerBackend(HostRoot(), options, {})) as backend:
        inventory = backend.inventory(NOTHING)
    over.set()
    assert [pod.name for pod in inventory.pods] == ["stuck", "good"]
    (problem,) = inventory.problems
    assert problem.subject == inventory.pods[0].members[0].key
    assert "no answer" in problem.why


def test_an_engine_that_hangs_from_the_first_container_on_is_a_failure(engine: FakeEngine) -> None:
    over = threading.Event()
    bad = engine.add(1, "stuck")
    engine.answers[f"/containers/{bad.id}/json"] = hangs(over)
    engine.answers["/_ping"] = hangs(over)
    error = failure(engine.path, timeout=0.2)
    over.set()
    assert "it hangs" in error.why


def test_an_engine_without_a_common_version_of_the_api(engine: FakeEngine) -> None:
    engine.api = "1.12"
    error = failure(engine.path)
    assert "no version of the API is common" in error.why
    assert "DOCKER_API_VERSION" in error.next_step


def test_an_engine_that_refuses_our_version_of_the_api(engine: FakeEngine) -> None:
    message = "client version 1.41 is too old. Minimum supported API version is 1.44"
    engine.answers["/containers/json"] = (400, {"message": message})
    error = failure(engine.path)
    assert "Minimum supported API version is 1.44" in error.why


_NONSENSE = {
    "html": says(b"HTTP/1.1 200 OK\r\n\r\n<html>"),
    "text": (200, "nothing"),
    "half": (200, "[1, 2"),
    "another object": (200, {"a": 1}),
}


@pytest.mark.parametrize(
    ("path", "answer"),
    [("/version", answer) for answer in (*_NONSENSE.values(), (200, []))]
    + [("/containers/json", answer) for answer in _NONSENSE.values()],
)
def test_what_is_not_the_api_is_told(engine: FakeEngine, path: str, answer: object) -> None:
    engine.answers[path] = answer
    error = failure(engine.path)
    assert "Is it Docker's or Podman's API?" in error.next_step


@pytest.mark.parametrize("text", [b"SSH-2.0-OpenSSH_9.2\r\n", b""], ids=["another protocol", "nothing"])
def test_whoever_speaks_no_http_is_told(engine: FakeEngine, text: bytes) -> None:
    engine.answers["/version"] = says(text)
    error = failure(engine.path)
    assert str(engine.path) in error.why
    assert error.next_step


def test_an_error_of_the_engine_is_told_in_its_words_and_made_harmless(engine: FakeEngine) -> None:
    engine.answers["/containers/json"] = (500, {"message": "driver failed \x1b[31mbadly"})
    assert failure(engine.path).why == "driver failed \\x1b[31mbadly"


def test_an_engine_of_another_machine_by_ssh_is_not_looked_at() -> None:
    error = failure("ssh://root@far")
    assert "only this machine's engine" in error.why


def test_an_engine_that_comes_back_is_asked_again(engine: FakeEngine) -> None:
    engine.add(1, "web")
    with closing(DockerBackend(HostRoot(), DockerOptions(host=str(engine.path)), {})) as backend:
        backend.inventory(NOTHING)
        engine.answers["/containers/json"] = (500, {"message": "shutting down"})
        with pytest.raises(CannotLook):
            backend.inventory(NOTHING)
        del engine.answers["/containers/json"]
        engine.api = "1.40"
        assert len(backend.inventory(NOTHING).pods) == 1


def test_a_read_whose_kept_connection_was_closed_meanwhile_is_made_again(
    engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.add(1, "web")
    asked, original = [], Client._asked

    def once_in_vain(client: Client, doing: str, what: str, ask: Any) -> At:
        asked.append(what)
        if len(asked) == 1:
            raise Dropped(doing, "it went away")
        return original(client, doing, what, ask)

    monkeypatch.setattr(Client, "_asked", once_in_vain)
    with closing(Client(engine.endpoint, 5, {})) as client:
        client.containers()
    assert asked == ["/containers/json", "/containers/json"]
