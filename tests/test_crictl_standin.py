"""The stand-in for crictl against recordings of the real one."""

from __future__ import annotations

import errno
import os
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crictl_standin import endpoint
from tests.crictl_standin.fake_runtime import FakeRuntime, served
from tests.crictl_standin.main import main
from tests.crictl_standin.recordings import Recorded, documents, recorded
from tests.crictl_standin.versions import VERSIONS, Version

USUAL = "/run/containerd/containerd.sock"
SOCKETS = {
    USUAL: "runtime.sock",
    "/run/containerd/no-cri.sock": "no-cri.sock",
    "/run/containerd/refused.sock": "refused.sock",
    "/run/containerd/plain-file": "plain-file",
    "/run/missing/containerd.sock": "missing/containerd.sock",
    "/var/run/dockershim.sock": "missing/dockershim.sock",
    "/run/crio/crio.sock": "missing/crio.sock",
    "/var/run/cri-dockerd.sock": "missing/cri-dockerd.sock",
    "/etc/crictl.yaml": "crictl.yaml",
    "/etc/other.yaml": "other.yaml",
}
"""Paths of the recordings, and what is in their place in the folder of the test."""

READS = (
    *("version", "info", "pods-json", "pods-none", "pods-q", "pods-id", "pods-id-short", "pods-id-unknown"),
    *("ps-a-json", "ps-json", "ps-none", "ps-pod", "stats-json", "statsp-json", "images-json", "stats-unknown"),
    *("inspectp", "inspectp-json", "inspectp-q", "inspectp-hostnet", "inspectp-two", "inspectp-twice-same"),
    *("inspectp-all", "inspectp-none", "inspectp-short-id", "inspectp-match", "inspectp-no-match", "inspect"),
    *("inspect-exited", "inspect-two", "inspect-none", "inspect-no-match", "client-version", "help-inspectp"),
)
ENDPOINTS = (
    *("no-scheme", "no-scheme-inspectp", "env-only", "env-bad-flag-good", "env-good-flag-bad", "env-image-only"),
    *("env-empty", "long-flag", "long-flag-equals", "flag-after-command", "bad-scheme", "empty-endpoint"),
    *("config-good", "config-bad", "config-bad-flag-good", "config-bad-env-good", "config-broken-yaml"),
    *("config-broken-yaml-flag", "config-unknown-key", "config-unknown-key-flag", "config-bad-value-flag"),
    *("config-empty-file-flag", "config-flag-broken-yaml", "config-env-broken-yaml", "config-flag-missing"),
    *("no-endpoint-default-there", "no-endpoint-default-there-inspectp", "no-endpoint-default-there-version"),
)
FAILURES = (
    *("inspectp-unknown", "inspectp-known-unknown", "inspectp-unknown-known", "inspectp-of-container"),
    *("inspectp-empty-id", "inspectp-flag-after-id", "inspect-unknown", "inspect-known-unknown"),
    *("inspect-unknown-known", "inspect-of-sandbox", "unknown-command", "unknown-flag", "unknown-output"),
    *("unknown-global-flag", "version-json", "missing-socket-pods", "missing-socket-inspectp", "not-a-socket"),
    *("missing-socket-version", "missing-socket-events", "refused", "refused-version", "tcp-refused"),
    *("hung-t-bad", "no-cri-version", "no-cri-pods", "no-cri-ps", "no-cri-inspectp", "no-cri-info"),
    *("no-cri-events", "no-cri-stats", "events-kill", "events-two-second"),
)
DEEDS = (
    *("stop", "stop-none", "stop-unknown", "stop-unknown-known", "stop-sandbox-id", "stopp", "stopp-none"),
    *("stopp-unknown", "rm-none", "rm-running", "rm-unknown", "rm-f-running", "rmp-none", "rmp-ready"),
    *("rmp-f-ready", "rmp-unknown", "rmp-f-unknown", "rmp-f-unknown-known"),
)


@pytest.fixture(scope="module", params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def sockets(version: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the sockets of the recordings: the runtime's and the broken ones."""
    folder = tmp_path_factory.mktemp("node")
    (folder / "plain-file").touch()
    with socket.socket(socket.AF_UNIX) as refused, socket.socket(socket.AF_UNIX) as hung:
        refused.bind(str(folder / "refused.sock"))
        hung.bind(str(folder / "hung.sock"))
        hung.listen()
        runtime = FakeRuntime(recorded(version))
        with served(runtime, folder / "runtime.sock"), served(None, folder / "no-cri.sock"):
            yield folder


@pytest.fixture
def call(
    version: str, sockets: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Caller]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield Caller(version, sockets, capsys, monkeypatch)
    monkeypatch.undo()
    time.tzset()


class Caller:
    """Makes a recorded call with the stand-in."""

    def __init__(
        self, version: str, folder: Path, capsys: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch
    ) -> None:
        self.version = version
        self.places = {there: str(folder / here) for there, here in SOCKETS.items()}
        self._capsys = capsys
        self._patch = patch
        for name in ("CONTAINER_RUNTIME_ENDPOINT", "CRI_CONFIG_FILE"):
            patch.delenv(name, raising=False)
        patch.setattr("sys.argv", ["/usr/local/bin/crictl"])

    def recorded(self, case: str) -> Recorded:
        return recorded(self.version)[case]

    def again(self, call: Recorded) -> Recorded:
        """The same call with our files in the place of the recorded ones, which are told in what it prints."""
        for name, value in call.env.items():
            self._patch.setenv(name, self._here(value))
        for path in ("/etc/crictl.yaml", "/etc/other.yaml"):
            Path(self._here(path)).unlink(missing_ok=True)
        for path, text in call.config.items():
            Path(self._here(path)).write_text(self._here(text))
        self._patch.setattr(endpoint, "CONFIG", self._here(endpoint.CONFIG))
        self._patch.setattr(endpoint, "USUAL", tuple(map(self._here, endpoint.USUAL)))
        self._patch.setattr(endpoint, "DOCKERSHIM", self._here(endpoint.DOCKERSHIM))
        rc = main(list(map(self._here, call.argv)), Version(self.version))
        printed = self._capsys.readouterr()
        return Recorded(call.case, call.argv, call.env, {}, rc, printed.out, self._there(printed.err))

    def _here(self, text: str) -> str:
        for there, here in self.places.items():
            text = text.replace(there, here)
        return text

    def _there(self, text: str) -> str:
        for there, here in self.places.items():
            text = text.replace(here, there)
        return text


def complaints(text: str) -> str:
    """What is on stderr, without the times and pids of klog and logrus."""
    text = re.sub(r'time="[^"]*"', 'time="…"', text)
    return re.sub(r"^([EI])\d{4} [\d:.]+ +\d+ ", r"\1 ", text, flags=re.MULTILINE)


def answer(text: str) -> object:
    """What is on stdout: documents if it is JSON, else the text; of help the first line of its name."""
    if text.startswith(("{", "[")):
        return documents(text)
    head, _, after = text.partition("NAME:\n")
    return head + after.split("\n")[0] if after else text


def paths(value: object, at: str = "") -> set[tuple[str, str]]:
    """Every key of a JSON value with the type of what it has."""
    if isinstance(value, dict):
        return {(at, "object")}.union(*(paths(each, f"{at}.{key}") for key, each in value.items()))
    if isinstance(value, list):
        return {(at, "list")}.union(*(paths(each, f"{at}[]") for each in value))
    return {(at, type(value).__name__)}


def assert_same(ours: Recorded, real: Recorded) -> None:
    assert (ours.rc, complaints(ours.err)) == (real.rc, complaints(real.err))
    assert answer(ours.out) == answer(real.out)


@pytest.mark.parametrize("case", [*READS, *ENDPOINTS, *FAILURES, *DEEDS])
def test_it_does_what_crictl_did(call: Caller, case: str) -> None:
    real = call.recorded(case)
    assert_same(call.again(real), real)


@pytest.mark.parametrize("case", ["stats-id-json", "statsp-id-json"])
def test_later_numbers_have_the_keys_and_types_of_crictls(call: Caller, case: str) -> None:
    real = call.recorded(case)
    ours = call.again(real)
    assert paths(documents(ours.out)) == paths(documents(real.out))


@pytest.mark.parametrize("case", ["no-endpoint-nothing-there", "no-endpoint-nothing-there-inspectp"])
def test_where_no_usual_socket_is_there_it_tells_of_each(call: Caller, case: str) -> None:
    call.places[USUAL] = call.places["/run/missing/containerd.sock"] + ".usual"
    real = call.recorded(case)
    assert_same(call.again(real), real)


@pytest.mark.parametrize("case", ["no-permission-pods", "no-permission-version", "config-unreadable"])
def test_a_socket_that_may_not_be_used_is_told_as_crictl_tells_it(
    call: Caller, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr("tests.crictl_standin.runtime.connect", refuse)
    real = call.recorded(case)
    assert_same(call.again(real), real)


def test_a_runtime_that_hangs_is_told_after_the_timeout(call: Caller) -> None:
    call.places[USUAL] = call.places["/run/containerd/refused.sock"].replace("refused", "hung")
    real = call.recorded("hung-t500ms-pods")
    assert_same(call.again(real), real)


def test_up_to_1_30_each_document_is_printed_when_it_is_there(call: Caller) -> None:
    ours = call.again(call.recorded("inspectp-known-unknown"))
    assert len(documents(ours.out)) == (0 if Version(call.version).protojson else 1)
