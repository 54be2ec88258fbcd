from __future__ import annotations

import base64
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from textual.events import Key

from pausetui.app import PauseTui
from pausetui.core.actions import Action, ActionKind, ActionOutcome, Target
from pausetui.core.observation import Problem, ProcessId
from pausetui.screens import keys
from pausetui.text import ASCII
from tests.fakes import FakeSession
from tests.scenes import picture, web
from tests.screens.stage import Stage, stage
from tests.waiting import await_until


def outcome(done: bool, text: str) -> ActionOutcome:
    action = Action("a1", ActionKind.DELETE_PAUSE, "p", "c", "web pause", Target(ProcessId(1, 1)))
    return ActionOutcome(action, done, text)


async def test_help_lists_exactly_the_keys_that_exist() -> None:
    async with stage(picture(web()), size=(120, 80)) as shown:
        await shown.press("question_mark")
        assert shown.over == "HelpScreen"
        there = keys.available(pods=True, read_only=False, lab=False)
        for key in keys.ALL:
            assert (key.what in shown.text) is (key in there), key.id
        await shown.press("escape")
        assert shown.over == "MainScreen"


async def test_help_that_does_not_fit_can_be_read_to_its_end_with_one_key() -> None:
    async with stage(picture(web())) as shown:
        await shown.press("question_mark", "G")
        assert "esc closes this." in shown.text
        await shown.press("g")
        assert "Seeing" in shown.text


async def test_help_in_ascii_has_no_other_sign() -> None:
    async with stage(picture(web()), size=(120, 80), glyphs=ASCII) as shown:
        await shown.press("question_mark")
        assert shown.text.isascii()


def test_every_key_has_an_id_of_its_own_and_no_two_keys_clash() -> None:
    bound = keys.bindings()
    assert len({binding.id for binding in bound}) == len(bound)
    pressed = [key for binding in bound for key in binding.key.split(",")]
    assert len(pressed) == len(set(pressed))
    assert all(binding.id for binding in bound)


async def test_the_palette_finds_a_command_and_does_it() -> None:
    async with stage(picture(web())) as shown:
        await shown.press("ctrl+p")
        assert shown.over == "PaletteScreen"
        await shown.type("freeze")
        await shown.press("enter")
        assert shown.over == "MainScreen"
        assert "FROZEN" in shown.text


async def test_the_palette_never_skips_a_confirmation() -> None:
    async with stage(picture(web())) as shown:
        await shown.press("colon")
        await shown.type("delete")
        await shown.press("enter")
        assert "Delete the pause container of default/web" in shown.text
        assert shown.session.submitted == []


async def test_an_action_of_the_palette_that_was_not_chosen_is_not_done() -> None:
    async with stage(picture(web())) as shown:
        await shown.press("colon", "escape")
        await shown.press("colon")
        await shown.type("no such thing at all")
        await shown.press("enter")
        assert shown.over == "MainScreen"


async def test_an_action_on_a_row_of_no_pod_asks_for_a_pod() -> None:
    async with stage(picture(web(), problems=(Problem("kernel", "looking", "Permission denied"),))) as shown:
        await shown.press("G", "ctrl+d")
        assert "choose a pod" in shown.text


def burst(shown: Stage, keys: str) -> None:
    """Keys that arrive at once, as by a paste or over a slow line."""
    named = {"/": "slash", "\x04": "ctrl+d", "\r": "enter"}
    for key in keys:
        shown.app.post_message(Key(named.get(key, key), key))


async def test_what_is_typed_at_once_after_the_filters_key_is_the_filter() -> None:
    async with stage(picture(web())) as shown:
        burst(shown, "/quiet")
        await await_until(lambda: shown.app.main.filter.value == "quiet")
        assert shown.app.is_running


async def test_what_is_typed_at_once_after_an_actions_key_is_its_confirmation() -> None:
    async with stage(picture(web())) as shown:
        burst(shown, "\x04web\r")
        await await_until(lambda: bool(shown.session.submitted))
        assert [offer.subject for offer in shown.session.submitted] == ["default/web pause"]


async def test_what_is_typed_at_once_never_quits_out_of_a_confirmation() -> None:
    async with stage(picture(web())) as shown:
        burst(shown, "\x04qrK")
        await await_until(lambda: shown.over == "ConfirmScreen" and "qrK" in shown.text)
        assert shown.session.submitted == []


async def test_look_now_asks_the_session() -> None:
    async with stage(picture(web())) as shown:
        await shown.press("ctrl+r")
        assert shown.session.looked == 1


@pytest.mark.parametrize(("done", "said"), [(True, "sent SIGKILL to pid 1000"), (False, "not done: it is gone")])
async def test_the_outcome_of_an_action_is_said_until_the_next_key(done: bool, said: str) -> None:
    async with stage(picture(web())) as shown:
        text = "sent SIGKILL to pid 1000" if done else "it is gone"
        await shown.show(replace(picture(web()), outcomes=(outcome(done, text),)))
        assert said in shown.lines[-1]
        await shown.press("j")
        assert "? help" in shown.lines[-1]


async def test_copying_takes_name_and_ids_or_the_command() -> None:
    async with stage(picture(web())) as shown:
        await shown.press("y")
        assert shown.app.clipboard == "default/web 10.244.1.5 uid-default-web"
        await shown.press("G", "k", "Y")
        assert shown.app.clipboard == "nsenter -n -t 1002 ip addr"
        assert base64.b64encode(shown.app.clipboard.encode())


async def test_what_was_seen_is_saved_and_where_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with stage(picture(web())) as shown:
        await shown.press("ctrl+s")
        await await_until(lambda: shown.app.main.key_bar.notice or None, what="a notice")
        assert str(tmp_path / "pausetui-20260314T140500Z.json") in shown.app.main.key_bar.notice


@pytest.mark.parametrize("key", ["q", "ctrl+c", "ctrl+q"])
async def test_quitting_ends_with_zero(key: str) -> None:
    async with stage(picture(web())) as shown:
        await shown.press(key)
    assert shown.app.return_code == 0


async def test_ctrl_c_quits_out_of_a_confirmation_with_nothing_done() -> None:
    async with stage(picture(web())) as shown:
        await shown.press("ctrl+d", "ctrl+c")
    assert shown.session.submitted == []
    assert shown.app.return_code == 0


async def test_before_the_first_picture_it_says_that_it_looks() -> None:
    async with stage() as shown:
        assert "looking" in shown.lines[0]
        for key in (
            "j",
            "enter",
            "ctrl+d",
            "r",
            "y",
            "Y",
            "ctrl+s",
            "question_mark",
            "escape",
            "exclamation_mark",
            "n",
        ):
            await shown.press(key)
        await shown.show(picture(web()))
        assert "default/web" in shown.text


async def test_pictures_after_the_end_disturb_nobody() -> None:
    async with stage(picture(web())) as shown:
        session = shown.session
    session.show(picture(web()))


async def test_a_bug_of_ours_ends_with_70_and_keeps_the_exception_for_the_report() -> None:
    class Broken(FakeSession):
        def look_now(self) -> None:
            raise ZeroDivisionError("a bug")

    app = PauseTui(Broken(picture(web())), driver_class=None)

    async def press() -> None:
        async with app.run_test() as pilot:
            await pilot.press("ctrl+r")
            await pilot.pause()

    with pytest.raises(ZeroDivisionError):
        await press()
    assert app.return_code == 70
    assert isinstance(app.crash, ZeroDivisionError)


async def test_another_backend_can_be_chosen_in_place() -> None:
    async with stage(picture(web())) as shown:
        await shown.press("b")
        assert "12 pods" in shown.text
        assert "not found here (in use)" in shown.text
        await shown.press("k", "enter")
        assert shown.session.used == ["crictl"]
        assert shown.over == "MainScreen"


async def test_leaving_the_choice_of_backends_changes_nothing() -> None:
    async with stage(picture(web())) as shown:
        await shown.press("b", "escape")
        assert shown.session.used == []


async def test_going_inside_is_refused_where_the_process_has_ended() -> None:
    async with stage(picture(web())) as shown:
        one = web().pause
        assert one is not None
        assert one.process is not None
        shown.session.ended.add(one.process)
        await shown.press("e")
        assert "not possible: pid 1000 has ended" in shown.lines[-1]


async def test_read_only_has_no_shell() -> None:
    async with stage(picture(web()), read_only=True) as shown:
        await shown.press("e")
        assert "read-only: a shell could change anything" in shown.lines[-1]


async def test_before_the_first_answer_nobody_is_said_to_have_no_pods() -> None:
    waiting = picture()
    early = replace(waiting.snapshot, pods=(), backend="auto", inventory_at=None, stale=False)
    async with stage(replace(waiting, snapshot=early), lab=True) as shown:
        assert "Looking for pods on" in shown.text
        assert "No pods" not in shown.text
        assert "looking" in shown.lines[0]
        assert "live" not in shown.lines[0]


async def test_a_bug_that_ends_a_thread_is_said_on_the_screen_and_not_written_over_it(
    capfd: pytest.CaptureFixture[str],
) -> None:
    def bug() -> None:
        raise ValueError("no \x1b[31msuch thing")

    async with stage(picture(web()), size=(160, 24)) as shown:
        thread = threading.Thread(target=bug, name="pausetui-inside")
        thread.start()
        thread.join()
        await await_until(lambda: "a bug of pausetui's ended pausetui-inside" in shown.text)
        assert "ValueError: no" in shown.text
    assert "Traceback" not in capfd.readouterr().err
