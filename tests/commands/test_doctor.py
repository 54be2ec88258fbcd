import json
import time
from dataclasses import replace

import pytest
from jsonschema import Draft202012Validator

from pausetui.commands import choose, doctor, rights
from pausetui.commands.main import main
from pausetui.commands.schema import text
from pausetui.core.doctor.veths import NodeSide
from pausetui.core.inventory import PodRecord
from pausetui.errors import CannotLook
from pausetui.live import checkup
from tests.commands.machines import Backend, Observer, observation, record

HEALTHY = record()
STALE = replace(record(), runtime_addresses=("10.244.1.99",))


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> Backend:
    """A machine with one healthy pod, of which we are root."""
    backend = Backend((HEALTHY,), name="crictl")
    monkeypatch.setattr(choose, "switch", lambda args, host: backend)
    monkeypatch.setattr(doctor, "Observer", lambda host: Observer())
    monkeypatch.setattr(checkup, "reservations", lambda host: ())
    monkeypatch.setattr(checkup, "node_side", lambda proc, homes: NodeSide())
    monkeypatch.setattr(checkup, "networks_of", lambda host, snapshot: {})
    monkeypatch.setattr(checkup, "APART_SECONDS", 0.0)
    monkeypatch.setattr(checkup, "LASTS_SECONDS", 0.0)
    monkeypatch.setattr(rights, "root_command", lambda: None)
    return backend


@pytest.mark.usefixtures("backend")
def test_where_nothing_is_wrong_it_ends_with_0(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    assert capfd.readouterr().out == "Nothing found, 1 pod of crictl looked at.\n"


def test_a_finding_ends_it_with_1_and_is_told_with_evidence(
    backend: Backend, capfd: pytest.CaptureFixture[str]
) -> None:
    backend.pods = (STALE,)
    assert main(["doctor"]) == 1
    out = capfd.readouterr().out
    assert "stale-address: default/web" in out
    assert "- the kernel has 10.244.1.5" in out


def test_as_json_each_finding_has_its_id_and_what_to_do(
    backend: Backend, capfd: pytest.CaptureFixture[str]
) -> None:
    backend.pods = (STALE,)
    assert main(["doctor", "-o", "json"]) == 1
    said = json.loads(capfd.readouterr().out)
    assert said["schema"] == "pausetui.doctor/1"
    assert [(one["id"], one["title"]) for one in said["findings"]] == [("stale-address", "default/web")]
    Draft202012Validator(json.loads(text("doctor"))).validate(said)


def test_what_is_wrong_in_another_namespace_is_not_told(
    backend: Backend, capfd: pytest.CaptureFixture[str]
) -> None:
    backend.pods = (STALE,)
    assert main(["doctor", "-n", "shop"]) == 0
    assert capfd.readouterr() == (
        "Nothing found, 0 pods of crictl looked at.\n",
        "pausetui: no pods in the namespace shop\n",
    )


def test_a_runtime_that_does_not_answer_ends_it_with_2(backend: Backend, capfd: pytest.CaptureFixture[str]) -> None:
    backend.error = CannotLook("asking containerd", "no answer")
    assert main(["doctor"]) == 2
    assert capfd.readouterr() == ("", "pausetui: asking containerd: no answer\n")


def test_what_lasts_no_longer_than_until_the_third_look_is_no_finding(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend.pods = (STALE,)
    monkeypatch.setattr(checkup, "LASTS_SECONDS", 0.25)
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if seconds == checkup.LASTS_SECONDS:
            backend.pods = (HEALTHY,)

    monkeypatch.setattr(time, "sleep", sleep)
    assert main(["doctor"]) == 0
    assert slept == [0.0, 0.25]


def test_where_nothing_is_wrong_it_does_not_look_a_third_time(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    assert main(["doctor"]) == 0
    assert slept == [0.0]


def test_what_could_not_be_seen_is_told_beside_what_was_and_changes_no_exit_code(
    backend: Backend, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(checkup, "reservations", lambda host: None)
    monkeypatch.setattr(checkup, "node_side", lambda proc, homes: None)
    assert main(["doctor"]) == 0
    assert capfd.readouterr().out.splitlines() == [
        "could not see: addresses reserved in /var/lib/cni/networks: it can't be read (run as root)",
        "could not see: the node's side of the pods' networks: the kernel did not answer",
        "Nothing found, 1 pod of crictl looked at.",
    ]
    backend.pods = (STALE,)
    assert main(["doctor"]) == 1


@pytest.mark.parametrize("pods", [(), (HEALTHY,)], ids=["no pod", "a pod that is all hidden"])
def test_where_nothing_can_be_seen_for_want_of_rights_it_ends_with_2_and_says_what_to_do(
    backend: Backend,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    pods: tuple[PodRecord, ...],
) -> None:
    backend.pods = pods
    monkeypatch.setattr(doctor, "Observer", lambda host: Observer(observation(readable=False, denied=True)))
    assert main(["doctor", "-o", "json"]) == 2
    assert capfd.readouterr() == ("", "pausetui: looking for pods: Permission denied. run as root\n")
