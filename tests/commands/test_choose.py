import argparse
from pathlib import Path

import pytest

from pausetui.commands import choose
from pausetui.commands.main import DEFAULTS, duration
from pausetui.errors import UsageError
from pausetui.kernel.host import HostRoot

HERE = HostRoot()


def asked(**options: object) -> argparse.Namespace:
    return argparse.Namespace(**{**DEFAULTS, **options})


def test_auto_tries_crictl_then_docker_and_podman_then_a_lab_then_proc() -> None:
    assert choose.switch(asked(), HERE).names == ("crictl", "docker", "podman", "lab", "proc")


def test_where_another_machine_is_looked_at_a_lab_of_this_one_is_no_candidate() -> None:
    assert choose.switch(asked(), HostRoot("/host")).names == ("crictl", "docker", "podman", "proc")


@pytest.mark.parametrize("name", ["crictl", "docker", "podman", "lab", "proc"])
def test_a_backend_that_is_asked_for_is_taken(name: str) -> None:
    assert choose.switch(asked(backend=name), HERE).name == name


@pytest.mark.parametrize(
    ("option", "name"), [("runtime_endpoint", "crictl"), ("config", "crictl"), ("docker_host", "docker")]
)
def test_an_option_that_only_one_backend_has_asks_for_it(option: str, name: str) -> None:
    assert choose.switch(asked(**{option: "x"}), HERE).name == name


def test_podman_can_be_asked_elsewhere_too() -> None:
    assert choose.switch(asked(docker_host="unix:///x", backend="podman"), HERE).name == "podman"


def test_an_unknown_backend_is_answered_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"backend 'crio': there is none of this name\. Known backends: crictl, "):
        choose.switch(asked(backend="crio"), HERE)


@pytest.mark.parametrize(
    ("text", "seconds"), [("10s", 10), ("10", 10), ("1m30s", 90), ("500ms", 0.5), ("0.5s", 0.5), ("1h", 3600)]
)
def test_a_length_of_time_is_read_as_crictl_reads_it(text: str, seconds: float) -> None:
    assert duration(text) == seconds


@pytest.mark.parametrize("text", ["", "s", "10x", "-1s", "0", "1s2", "1e3s", "nan"])
def test_what_is_no_length_of_time_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        duration(text)


def test_inside_a_debug_container_the_node_around_it_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "proc" / "1").mkdir(parents=True)
    monkeypatch.setattr(choose, "IN_A_DEBUG_CONTAINER", str(tmp_path))
    assert choose.host_root(asked()) == HostRoot(str(tmp_path))


def test_without_one_it_is_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choose, "IN_A_DEBUG_CONTAINER", str(tmp_path))
    assert choose.host_root(asked()) == HERE


def test_a_host_root_may_be_given_as_a_relative_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "host" / "proc").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert choose.host_root(argparse.Namespace(host_root="host")) == HostRoot(str(tmp_path / "host"))


def test_a_host_root_without_a_proc_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=f"there is no folder {tmp_path}/proc"):
        choose.host_root(argparse.Namespace(host_root=str(tmp_path)))
