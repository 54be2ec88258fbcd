import json
from dataclasses import replace

import pytest

from pausetui.commands import choose, doctor, rights
from pausetui.commands.main import main
from pausetui.errors import CannotLook
from tests.commands.machines import Backend, Observer, record

HEALTHY = record()
STALE = replace(record(), runtime_addresses=("10.244.1.99",))


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> Backend:
    """A machine with one healthy pod, of which we are root."""
    backend = Backend((HEALTHY,), name="crictl")
    monkeypatch.setattr(choose, "switch", lambda args, host: backend)
    monkeypatch.setattr(doctor, "Observer", lambda host: Observer())
    monkeypatch.setattr(doctor, "reservations", lambda host: ())
    monkeypatch.setattr(doctor, "APART_SECONDS", 0.0)
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
    assert set(said["findings"][0]) == {"id", "subject", "title", "means", "evidence", "do"}


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
