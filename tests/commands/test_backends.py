from collections.abc import Mapping
from functools import partial
from typing import cast

import pytest

from pausetui.backends.base import Backend as BaseBackend
from pausetui.backends.candidates import Candidate, Finding, best
from pausetui.backends.switch import Switch
from pausetui.commands import backends as command
from pausetui.commands import choose
from pausetui.commands.main import main
from pausetui.errors import CannotLook
from tests.commands.machines import Backend, Observer, record

FOUND = {
    "lab": Backend(error=CannotLook("reaching the lab", "none is up", "Start one with: pausetui lab up")),
    "proc": Backend((record(),)),
}


@pytest.fixture(autouse=True)
def _machine(monkeypatch: pytest.MonkeyPatch) -> None:
    def switch(args: object, host: object, *, every: bool) -> Switch:
        made = cast(Mapping[str, BaseBackend], FOUND)
        return Switch([Candidate(name, partial(made.__getitem__, name)) for name in made])

    monkeypatch.setattr(choose, "switch", switch)
    monkeypatch.setattr(command, "Observer", lambda host: Observer())


def test_each_backend_says_what_it_finds_or_why_it_finds_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["backends"]) == 0
    assert capfd.readouterr().out == (
        "  lab   reaching the lab: none is up. Start one with: pausetui lab up\n"
        "* proc  1 pod; used: the first that has pods\n"
    )


@pytest.mark.parametrize(
    ("pods", "said"),
    [
        ((2, 3), ["; used: the first that has pods", "; not used: a comes first. To use it: --backend b"]),
        ((0, 3), ["; not used: b has some", "; used: the first that has pods"]),
        ((0, 0), ["; used: none has pods, and it answers first", "; not used"]),
        ((None, 0), ["", "; used: none has pods, and it answers first"]),
    ],
)
def test_why_one_is_used_and_the_other_is_not(pods: tuple[int | None, int], said: list[str]) -> None:
    found = [Finding(name, count) for name, count in zip("ab", pods, strict=True)]
    assert [command.reason(one, best(found), found) for one in found] == said
