import json
from dataclasses import dataclass

import pytest

from pausetui.commands import choose, rights
from pausetui.commands import snapshot as command
from pausetui.commands.main import main
from pausetui.core.wire import snapshot_from_json
from pausetui.errors import CannotLook
from tests.commands.machines import Backend, Observer, observation, record


@dataclass
class Machine:
    backend: Backend
    observer: Observer


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine with one pod, default/web, and we are root on it."""
    machine = Machine(Backend((record(),)), Observer())
    monkeypatch.setattr(choose, "switch", lambda args, host: machine.backend)
    monkeypatch.setattr(command, "Observer", lambda host: machine.observer)
    monkeypatch.setattr(rights, "root_command", lambda: None)
    return machine


@pytest.fixture
def not_root(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rights, "root_command", lambda: "sudo /usr/bin/pausetui snapshot")


TO_SEE_THE_REST = "pausetui: needs root to see the rest: sudo /usr/bin/pausetui snapshot\n"


@pytest.mark.usefixtures("machine")
def test_json_goes_to_stdout_alone(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["snapshot", "-o", "json"]) == 0
    out, err = capfd.readouterr()
    assert [pod.title for pod in snapshot_from_json(json.loads(out)).pods] == ["default/web"]
    assert err == ""


@pytest.mark.usefixtures("machine")
def test_a_table_is_the_default(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["snapshot"]) == 0
    assert "default/web  Ready" in capfd.readouterr().out


@pytest.mark.usefixtures("machine")
def test_ascii_is_drawn_where_it_is_asked_for(capfd: pytest.CaptureFixture[str]) -> None:
    main(["snapshot", "--ascii"])
    assert capfd.readouterr().out.isascii()


def test_only_the_namespace_that_is_asked_for_is_printed(
    machine: Machine, capfd: pytest.CaptureFixture[str]
) -> None:
    machine.backend.pods = (record(), record("shop", "api", pid=2000))
    main(["snapshot", "-o", "json", "-n", "shop"])
    assert [pod["name"] for pod in json.loads(capfd.readouterr().out)["pods"]] == ["api"]


@pytest.mark.usefixtures("machine")
def test_a_namespace_without_pods_is_said_on_stderr(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["snapshot", "-n", "nosuch"]) == 0
    assert capfd.readouterr().err == "pausetui: no pods in the namespace nosuch\n"


def test_a_machine_without_pods_is_offered_the_lab(machine: Machine, capfd: pytest.CaptureFixture[str]) -> None:
    machine.backend.pods = ()
    assert main(["snapshot"]) == 0
    out, err = capfd.readouterr()
    assert "no pods found" in out
    assert err == "pausetui: no pods found; to see some, start the lab: pausetui lab up\n"


@pytest.mark.parametrize("output", ["table", "json"])
@pytest.mark.usefixtures("not_root")
def test_what_is_hidden_comes_with_the_command_that_shows_it(
    machine: Machine, output: str, capfd: pytest.CaptureFixture[str]
) -> None:
    machine.observer.seen = observation(readable=False, denied=True)
    assert main(["snapshot", "-o", output]) == 0
    out, err = capfd.readouterr()
    assert err == TO_SEE_THE_REST
    if output == "json":
        assert json.loads(out)["pods"][0]["pause"]["cannot_read"] is True
    else:
        assert "needs root" in out


@pytest.mark.usefixtures("not_root")
def test_where_nothing_of_a_pod_is_hidden_root_is_not_asked_for(
    machine: Machine, capfd: pytest.CaptureFixture[str]
) -> None:
    machine.observer.seen = observation(denied=True)
    main(["snapshot"])
    assert capfd.readouterr().err == ""


@pytest.mark.usefixtures("not_root")
def test_pods_that_may_be_hidden_altogether_need_root(machine: Machine, capfd: pytest.CaptureFixture[str]) -> None:
    machine.backend.pods = ()
    machine.observer.seen = observation(denied=True)
    main(["snapshot"])
    assert capfd.readouterr().err == TO_SEE_THE_REST


def test_a_runtime_that_does_not_answer_ends_with_2_and_prints_nothing(
    machine: Machine, capfd: pytest.CaptureFixture[str]
) -> None:
    machine.backend.error = CannotLook("reaching the lab", "none is up", "Start one with: pausetui lab up")
    assert main(["snapshot", "-o", "json"]) == 2
    expected = "pausetui: reaching the lab: none is up. Start one with: pausetui lab up\n"
    assert capfd.readouterr() == ("", expected)


def test_backend_and_observer_are_let_go_of_whatever_happens(machine: Machine) -> None:
    machine.backend.error = CannotLook("reaching the lab", "none is up")
    main(["snapshot"])
    assert (machine.backend.closed, machine.observer.closed) == (True, True)
