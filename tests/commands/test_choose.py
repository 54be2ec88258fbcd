import argparse
from pathlib import Path

import pytest

from pausetui.backends.proc import ProcBackend
from pausetui.commands import choose
from pausetui.errors import UsageError
from pausetui.kernel.host import HostRoot
from pausetui.lab import client

HERE = HostRoot()


@pytest.fixture(params=[True, False])
def a_lab_runs(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    runs: bool = request.param
    monkeypatch.setattr(client, "is_running", lambda: runs)
    return runs


def test_auto_is_the_lab_while_one_runs_and_proc_otherwise(a_lab_runs: bool) -> None:
    assert choose.backend_name("auto", HERE) == ("lab" if a_lab_runs else "proc")


@pytest.mark.usefixtures("a_lab_runs")
def test_auto_is_proc_where_another_machine_is_looked_at() -> None:
    assert choose.backend_name("auto", HostRoot("/host")) == "proc"


@pytest.mark.usefixtures("a_lab_runs")
@pytest.mark.parametrize("name", ["lab", "proc"])
def test_a_backend_that_is_asked_for_is_taken(name: str) -> None:
    assert choose.backend_name(name, HERE) == name


def test_an_unknown_backend_is_answered_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"backend 'crio': there is none of this name\. Known backends: lab, proc"):
        choose.backend(argparse.Namespace(backend="crio"), HERE)


def test_the_backend_is_made_for_the_machine_that_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / "proc").mkdir()
    args = argparse.Namespace(backend="auto", host_root=str(tmp_path))
    host = choose.host_root(args)
    assert host == HostRoot(str(tmp_path))
    assert isinstance(choose.backend(args, host), ProcBackend)


def test_a_host_root_may_be_given_as_a_relative_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "host" / "proc").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert choose.host_root(argparse.Namespace(host_root="host")) == HostRoot(str(tmp_path / "host"))


def test_a_host_root_without_a_proc_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=f"there is no folder {tmp_path}/proc"):
        choose.host_root(argparse.Namespace(host_root=str(tmp_path)))
