import pytest

from pausetui.backends import registry
from pausetui.commands import backends as command
from pausetui.commands.main import main
from pausetui.errors import CannotLook
from pausetui.lab import client
from tests.commands.machines import Backend, Observer, record

FOUND = {
    "lab": Backend(error=CannotLook("reaching the lab", "none is up", "Start one with: pausetui lab up")),
    "proc": Backend((record(),)),
}


@pytest.fixture(autouse=True)
def _machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "names", lambda: tuple(FOUND))
    monkeypatch.setattr(registry, "load", lambda name: lambda host: FOUND[name])
    monkeypatch.setattr(command, "Observer", lambda host: Observer())
    monkeypatch.setattr(client, "is_running", lambda: False)


def test_each_backend_says_what_it_finds_or_why_it_finds_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["backends"]) == 0
    assert capfd.readouterr().out == (
        "  lab   reaching the lab: none is up. Start one with: pausetui lab up\n* proc  1 pod\n"
    )
