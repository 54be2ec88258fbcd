"""Which engine is to be asked, and why."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from pausetui.backends.docker.endpoints import DOCKER, PODMAN, Endpoint, Engine
from pausetui.backends.docker.finding import DockerOptions, find, of_others, seems_present
from pausetui.errors import CannotLook
from pausetui.kernel.host import HostRoot

NOTHING_SAID = DockerOptions()


class Machine:
    """A folder that is the root of a machine."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def socket(self, path: str) -> None:
        place = self.root / path.strip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        os.mknod(place, stat.S_IFSOCK | 0o600)

    def find(
        self,
        engine: Engine = DOCKER,
        options: DockerOptions = NOTHING_SAID,
        told: Mapping[str, str] | None = None,
        **more: str,
    ) -> Endpoint:
        return find(engine, HostRoot(str(self.root)), options, {**(told or {}), **more})

    def seems_present(self, options: DockerOptions = NOTHING_SAID, **environ: str) -> bool:
        return seems_present(HostRoot(str(self.root)), options, environ)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "root")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home/.docker").mkdir(parents=True)
    return tmp_path / "home"


def context(home: Path, name: str, host: object, *, current: bool = True) -> None:
    folder = home / ".docker/contexts/meta" / hashlib.sha256(name.encode()).hexdigest()
    folder.mkdir(parents=True)
    (folder / "meta.json").write_text(json.dumps({"Name": name, "Endpoints": {"docker": {"Host": host}}}))
    if current:
        (home / ".docker/config.json").write_text(json.dumps({"currentContext": name}))


def test_docker_is_at_its_usual_socket_below_the_root_of_the_machine(machine: Machine) -> None:
    machine.socket("/run/docker.sock")
    (machine.root / "var").mkdir()
    (machine.root / "var/run").symlink_to("/run")
    found = machine.find()
    assert (found.url, found.why) == ("unix:///var/run/docker.sock", "the usual socket")
    assert found.socket == str(machine.root / "run/docker.sock")


def test_the_usual_socket_needs_no_option_on_the_command_line(machine: Machine) -> None:
    machine.socket("/var/run/docker.sock")
    assert machine.find().command == ("chroot", str(machine.root), "docker")


def test_without_a_socket_it_is_said_which_was_looked_for_and_how_to_start_docker(machine: Machine) -> None:
    with pytest.raises(CannotLook) as caught:
        machine.find()
    assert "/var/run/docker.sock" in caught.value.why
    assert "systemctl start docker" in caught.value.next_step


def test_the_option_beats_the_variable_and_the_variable_the_context(machine: Machine, home: Path) -> None:
    context(home, "far", "unix:///run/far.sock")
    environ = {"HOME": str(home)}
    assert machine.find(told=environ).url == "unix:///run/far.sock"
    environ["DOCKER_HOST"] = "unix:///run/told.sock"
    assert machine.find(told=environ).why == "from DOCKER_HOST"
    found = machine.find(options=DockerOptions(host="tcp://10.0.0.1:2376"), told=environ)
    assert (found.url, found.why, found.socket) == ("tcp://10.0.0.1:2376", "from -H", None)


def test_docker_is_typed_with_the_engine_that_was_named() -> None:
    found = find(DOCKER, HostRoot(), DockerOptions(host="/run/my.sock"), {})
    assert found.command == ("docker", "-H", "unix:///run/my.sock")


def test_a_context_is_named_in_the_reason_and_in_the_command(home: Path) -> None:
    context(home, "rootless", "unix:///run/user/1000/docker.sock")
    found = find(DOCKER, HostRoot(), NOTHING_SAID, {"HOME": str(home)})
    assert (found.why, found.command) == ("from the context rootless", ("docker", "--context", "rootless"))


def test_docker_context_names_one_for_this_once(machine: Machine, home: Path) -> None:
    context(home, "far", "unix:///run/far.sock")
    context(home, "near", "unix:///run/near.sock", current=False)
    assert machine.find(HOME=str(home), DOCKER_CONTEXT="near").url == "unix:///run/near.sock"


def test_the_default_context_is_no_context(machine: Machine, home: Path) -> None:
    machine.socket("/var/run/docker.sock")
    (home / ".docker/config.json").write_text('{"currentContext": "default"}')
    assert machine.find(HOME=str(home)).why == "the usual socket"


def test_a_context_that_is_not_there_is_told(machine: Machine, home: Path) -> None:
    (home / ".docker/config.json").write_text('{"currentContext": "gone"}')
    with pytest.raises(CannotLook, match="gone"):
        machine.find(HOME=str(home))


@pytest.mark.parametrize("host", [7, None, ["unix:///x"]])
def test_a_context_that_says_nonsense_is_told(machine: Machine, home: Path, host: object) -> None:
    context(home, "odd", host)
    with pytest.raises(CannotLook, match=r"meta\.json"):
        machine.find(HOME=str(home))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"currentContext": 7}'])
def test_a_configuration_that_says_nonsense_is_passed_over_as_docker_does(
    machine: Machine, home: Path, text: str
) -> None:
    machine.socket("/var/run/docker.sock")
    (home / ".docker/config.json").write_text(text)
    assert machine.find(HOME=str(home)).why == "the usual socket"


def test_the_certificates_of_a_context_are_shown(machine: Machine, home: Path) -> None:
    context(home, "far", "tcp://10.0.0.1:2376")
    tls = home / ".docker/contexts/tls" / hashlib.sha256(b"far").hexdigest() / "docker"
    tls.mkdir(parents=True)
    assert machine.find(HOME=str(home)).tls == str(tls)


def test_certificates_are_shown_only_where_docker_is_told_to(machine: Machine) -> None:
    environ = {"DOCKER_HOST": "tcp://10.0.0.1:2376", "DOCKER_CERT_PATH": "/certs"}
    assert machine.find(told=environ).tls is None
    assert machine.find(told=environ, DOCKER_TLS_VERIFY="1").tls == "/certs"


def test_a_rootless_docker_is_found_where_there_is_no_other(machine: Machine) -> None:
    machine.socket("/run/user/1000/docker.sock")
    assert machine.find(XDG_RUNTIME_DIR="/run/user/1000").why == "the usual socket of a rootless Docker"


def test_podman_is_at_its_usual_socket(machine: Machine) -> None:
    machine.socket("/run/podman/podman.sock")
    found = machine.find(PODMAN)
    assert (found.url, found.command[2:]) == ("unix:///run/podman/podman.sock", ("podman",))


def test_a_rootless_podman_is_found_below_the_users_runtime_folder(machine: Machine) -> None:
    machine.socket("/run/user/1000/podman/podman.sock")
    found = machine.find(PODMAN, XDG_RUNTIME_DIR="/run/user/1000")
    assert found.url == "unix:///run/user/1000/podman/podman.sock"
    assert found.command[2:] == ("podman", "--url", "unix:///run/user/1000/podman/podman.sock")


def test_a_user_sees_the_own_podman_first_and_root_that_of_root(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.socket("/run/podman/podman.sock")
    machine.socket("/run/user/1000/podman/podman.sock")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert machine.find(PODMAN, XDG_RUNTIME_DIR="/run/user/1000").why == "the usual socket"
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert machine.find(PODMAN, XDG_RUNTIME_DIR="/run/user/1000").why == "the usual socket of a rootless Podman"


def test_whoever_became_root_by_sudo_gets_the_own_one_where_root_has_none(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    machine.socket("/run/user/1500/podman/podman.sock")
    found = machine.find(PODMAN, SUDO_UID="1500")
    assert found.url == "unix:///run/user/1500/podman/podman.sock"
    assert found.why == "the rootless Podman of the user who called sudo"
    machine.socket("/run/podman/podman.sock")
    assert machine.find(PODMAN, SUDO_UID="1500").url == "unix:///run/podman/podman.sock"


@pytest.mark.parametrize("uid", ["", "0", "../1500", "²", "1500/x"])
def test_what_is_no_uid_of_a_user_names_no_socket(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, uid: str
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    machine.socket("/run/user/1500/podman/podman.sock")
    with pytest.raises(CannotLook, match=r"no socket /run/podman/podman\.sock\. uid 1500 has one"):
        machine.find(PODMAN, SUDO_UID=uid)


@pytest.mark.parametrize(
    ("engine", "socket"), [(DOCKER, "docker.sock"), (PODMAN, "podman/podman.sock")], ids=["docker", "podman"]
)
def test_those_of_other_users_are_told_with_whose_they_are_and_how_to_ask_them(
    machine: Machine, engine: Engine, socket: str
) -> None:
    for uid in (1500, 1600):
        machine.socket(f"/run/user/{uid}/{socket}")
    (machine.root / "etc").mkdir()
    (machine.root / "etc/passwd").write_text("root:x:0:0:::\nal\x1bice:x:1500:1500:::\nodd\n")
    others = of_others(engine, HostRoot(str(machine.root)), NOTHING_SAID, {})
    assert [(one.user, one.path) for one in others] == [
        ("al\\x1bice", f"/run/user/1500/{socket}"),
        ("uid 1600", f"/run/user/1600/{socket}"),
    ]
    with pytest.raises(CannotLook) as caught:
        machine.find(engine)
    option = f"--backend {engine.name} -H unix:///run/user/1600/{socket}"
    assert f"uid 1600 has one: {option}" in caught.value.next_step


def test_the_one_that_is_asked_is_none_of_others_and_if_one_was_named_no_other_is_told(machine: Machine) -> None:
    host = HostRoot(str(machine.root))
    machine.socket("/run/user/1500/docker.sock")
    machine.socket("/run/user/1600/docker.sock")
    mine = of_others(DOCKER, host, NOTHING_SAID, {"XDG_RUNTIME_DIR": "/run/user/1500"})
    assert [one.user for one in mine] == ["uid 1600"]
    assert of_others(DOCKER, host, DockerOptions(host="/run/x.sock"), {}) == ()
    assert of_others(DOCKER, host, NOTHING_SAID, {"DOCKER_HOST": "/run/x.sock"}) == ()


def test_container_host_names_podman(machine: Machine) -> None:
    found = machine.find(PODMAN, CONTAINER_HOST="unix:///run/told.sock", DOCKER_HOST="unix:///run/docker.sock")
    assert (found.url, found.why) == ("unix:///run/told.sock", "from CONTAINER_HOST")


def test_a_hostile_address_is_made_harmless(machine: Machine) -> None:
    found = machine.find(DOCKER_HOST="unix:///run/\x1b[2Jx.sock")
    assert "\x1b" not in found.url + "".join(found.command)


def test_docker_seems_present_where_its_socket_is(machine: Machine) -> None:
    assert not machine.seems_present()
    machine.socket("/var/run/docker.sock")
    assert machine.seems_present()


def test_docker_seems_present_where_an_address_was_named_and_not_where_its_socket_is_missing(
    machine: Machine,
) -> None:
    assert machine.seems_present(DOCKER_HOST="tcp://10.0.0.1:2375")
    assert not machine.seems_present(DOCKER_HOST="unix:///run/nobody.sock")


def test_podman_seems_present_where_its_socket_is(machine: Machine) -> None:
    host = HostRoot(str(machine.root))
    assert not seems_present(host, NOTHING_SAID, {}, PODMAN)
    machine.socket("/run/podman/podman.sock")
    assert seems_present(host, NOTHING_SAID, {}, PODMAN)


def test_looking_for_an_engine_imports_no_sdk() -> None:
    code = (
        "import sys; from pausetui.backends.docker.finding import *; from pausetui.kernel.host import HostRoot;"
        "seems_present(HostRoot(), DockerOptions(), {}); assert not {'docker', 'requests'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
