"""What crictl is told to do, how long it may take, and what is said when it refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pausetui.backends.crictl.doing import perform
from pausetui.backends.crictl.finding import MARGIN
from pausetui.backends.crictl.program import Ran
from pausetui.core.actions import Action, ActionKind
from pausetui.errors import ActionRefused, CannotLook
from tests.backends.crictl.node import HUNG
from tests.backends.crictl.recorded import NOT_FOUND, Scripted, found, scripted

ID = "6f1c" * 16
THERE = {
    "ps": f'{{"containers": [{{"id": "{ID}", "podSandboxId": "s"}}]}}',
    "pods": f'{{"items": [{{"id": "{ID}"}}]}}',
}
NONE = {"ps": '{"containers": []}', "pods": '{"items": []}'}


def action(kind: ActionKind, grace: float = 30.0) -> Action:
    return Action("a1", kind, "uid", "uid/member/nginx", "default/web nginx", None, ID, grace)


def limits(crictl: Scripted, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that each call is given, while it is made."""
    given: list[float] = []
    run: Callable[..., Ran] = Scripted.run

    def note(self: Scripted, *args: str, timeout: float) -> Ran:
        given.append(timeout)
        return run(self, *args, timeout=timeout)

    monkeypatch.setattr(Scripted, "run", note)
    return given


@pytest.mark.parametrize(
    ("kind", "lists", "does", "said"),
    [
        (
            ActionKind.RESTART_MEMBER,
            ("ps", "-a", "-o", "json", "--id", ID),
            ("-t", "32s", "stop", "--timeout", "30", ID),
            "crictl stop --timeout 30 6f1c6f1c6f1c…: stopped",
        ),
        (
            ActionKind.STOP_SANDBOX,
            ("pods", "-o", "json", "--id", ID),
            ("-t", "60s", "stopp", ID),
            "crictl stopp 6f1c6f1c6f1c…: stopped",
        ),
        (
            ActionKind.REMOVE_SANDBOX,
            ("pods", "-o", "json", "--id", ID),
            ("-t", "60s", "rmp", "-f", ID),
            "crictl rmp -f 6f1c6f1c6f1c…: stopped and removed",
        ),
    ],
)
def test_each_action_is_a_command_of_crictl(
    kind: ActionKind, lists: tuple[str, ...], does: tuple[str, ...], said: str
) -> None:
    crictl = scripted(**THERE, **{"-t": ID})
    assert perform(action(kind), ID, found(crictl)) == said
    assert crictl.asked == [lists, does]


def test_a_stop_is_given_longer_than_its_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    crictl = scripted(**THERE, **{"-t": ID})
    given = limits(crictl, monkeypatch)
    perform(action(ActionKind.RESTART_MEMBER, 600), ID, found(crictl))
    assert given[-1] >= 600 + MARGIN


def test_a_part_of_a_second_of_grace_is_not_cut_off() -> None:
    crictl = scripted(**THERE, **{"-t": ID})
    perform(action(ActionKind.RESTART_MEMBER, 0.5), ID, found(crictl))
    assert crictl.asked[-1][2:5] == ("stop", "--timeout", "1")


@pytest.mark.parametrize("kind", [ActionKind.RESTART_MEMBER, ActionKind.STOP_SANDBOX, ActionKind.REMOVE_SANDBOX])
def test_what_the_runtime_does_not_know_any_more_is_refused_and_nothing_is_done(kind: ActionKind) -> None:
    """containerd 2 would answer that it had stopped it."""
    crictl = scripted(**NONE)
    with pytest.raises(ActionRefused, match="default/web nginx: the runtime does not know it any more"):
        perform(action(kind), ID, found(crictl))
    assert len(crictl.asked) == 1


def test_what_goes_just_then_is_refused_in_the_same_words() -> None:
    crictl = scripted(**THERE, **{"-t": Ran(1, "", NOT_FOUND)})
    with pytest.raises(ActionRefused, match="does not know it any more"):
        perform(action(ActionKind.STOP_SANDBOX), ID, found(crictl))


@pytest.mark.parametrize("answer", [Ran(1, "", HUNG), "{"])
def test_a_runtime_that_does_not_answer_is_not_told_to_do_anything(answer: Any) -> None:
    crictl = scripted(pods=answer)
    with pytest.raises(ActionRefused):
        perform(action(ActionKind.STOP_SANDBOX), ID, found(crictl))
    assert len(crictl.asked) == 1


def test_a_refusal_is_told_in_the_runtimes_words() -> None:
    words = 'time="t" level=fatal msg="stopping: rpc error: code = Unknown desc = device or resource busy"'
    crictl = scripted(**THERE, **{"-t": Ran(1, "", words)})
    with pytest.raises(ActionRefused, match=r"crictl stopp 6f1c6f1c6f1c….*device or resource busy"):
        perform(action(ActionKind.STOP_SANDBOX), ID, found(crictl))


def test_a_crictl_that_does_not_end_is_told() -> None:
    def hangs(*_: str) -> Ran:
        raise CannotLook("running crictl", "no answer within 5 s, so crictl was killed")

    crictl = scripted(**THERE, **{"-t": hangs})
    with pytest.raises(ActionRefused, match="no answer within 5 s"):
        perform(action(ActionKind.REMOVE_SANDBOX), ID, found(crictl))
