from __future__ import annotations

from dataclasses import replace

from textual.widgets import Input

from pausetui.core.actions import ActionKind, Offer
from pausetui.core.inventory import ContainerState, Restorer
from pausetui.core.observation import ProcessId
from pausetui.core.snapshot import Pod
from tests.factories import pod
from tests.scenes import api, picture, web
from tests.screens.stage import stage


def with_other_pause(one: Pod) -> Pod:
    assert one.pause is not None
    return replace(one, pause=replace(one.pause, process=ProcessId(7777, 1)))


async def test_deleting_the_pause_says_in_words_what_will_happen() -> None:
    async with stage(picture(web())) as shown:
        await shown.press("ctrl+d")
        for said in (
            "Delete the pause container of default/web",
            "the lab's supervisor",
            "kill -KILL 1000",
            "10.244.1.5",
        ):
            assert said in shown.text


async def test_it_can_be_asked_for_on_any_row_of_the_pod() -> None:
    async with stage(picture(web())) as shown:
        await shown.press("G", "ctrl+d")
        assert "Delete the pause container of default/web" in shown.text


async def test_enter_does_nothing_until_the_name_is_typed() -> None:
    async with stage(picture(web())) as shown:
        await shown.press("ctrl+d", "enter")
        await shown.type("we")
        await shown.press("enter")
        assert shown.over == "ConfirmScreen"
        assert shown.session.submitted == []
        assert "That is not its name: type web and press enter." in shown.text
        await shown.type("b")
        assert "Enter does it now" in shown.text
        await shown.press("enter")
        assert [offer.kind for offer in shown.session.submitted] == [ActionKind.DELETE_PAUSE]
        assert shown.over == "MainScreen"


async def test_escape_does_nothing() -> None:
    async with stage(picture(web())) as shown:
        await shown.press("ctrl+d")
        await shown.type("web")
        await shown.press("escape")
        assert shown.session.submitted == []
        assert shown.over == "MainScreen"


def pid_of(offer: Offer) -> int | None:
    return offer.target.process.pid if offer.target else None


async def test_restarting_a_member_takes_y_and_nothing_else() -> None:
    async with stage(picture(web())) as shown:
        for key in ("enter", "escape", "n", "q"):
            await shown.press("g", "j", "j", "r")
            assert shown.over == "ConfirmScreen"
            await shown.press(key)
            assert shown.session.submitted == []
        await shown.press("g", "j", "j", "r", "y")
        assert [(offer.kind, pid_of(offer)) for offer in shown.session.submitted] == [
            (ActionKind.RESTART_MEMBER, 1001)
        ]


async def test_killing_a_member_is_another_key() -> None:
    async with stage(picture(web())) as shown:
        await shown.press("j", "j", "K", "y")
        assert [offer.kind for offer in shown.session.submitted] == [ActionKind.KILL_MEMBER]


async def test_on_a_process_the_action_is_for_its_container() -> None:
    async with stage(picture(web())) as shown:
        await shown.press("j", "j", "right", "j", "j", "r", "y")
        assert [pid_of(offer) for offer in shown.session.submitted] == [1001]


async def test_what_is_not_possible_is_said_with_the_reason() -> None:
    async with stage(picture(api())) as shown:
        await shown.press("G", "k", "r")
        assert "not possible: sidecar is not running" in shown.lines[-1]


async def test_the_confirmation_closes_when_its_pod_is_gone_and_says_why() -> None:
    async with stage(picture(web(), api())) as shown:
        await shown.press("ctrl+d")
        await shown.type("web")
        await shown.show(picture(api()))
        assert shown.over == "MainScreen"
        assert "closed, nothing was done: default/web pause: it is gone" in shown.lines[-1]
        await shown.press("enter")
        assert shown.session.submitted == []


async def test_the_confirmation_closes_when_its_process_is_another_one() -> None:
    async with stage(picture(web())) as shown:
        await shown.press("ctrl+d")
        await shown.show(picture(with_other_pause(web())))
        assert shown.over == "MainScreen"
        assert "default/web pause is another process now (pid 1000 → 7777)" in shown.app.main.key_bar.notice


async def test_the_confirmation_closes_when_its_process_has_ended() -> None:
    one = web()
    assert one.pause is not None
    ended = replace(one, pause=replace(one.pause, state=ContainerState.EXITED, process=None))
    async with stage(picture(one)) as shown:
        await shown.press("ctrl+d")
        await shown.show(picture(ended))
        assert "pause is not running" in shown.lines[-1]


async def test_the_confirmation_stays_and_follows_when_something_else_changes() -> None:
    async with stage(picture(web())) as shown:
        await shown.press("ctrl+d")
        await shown.type("we")
        await shown.show(picture(replace(web(), addresses=("10.244.1.99",))))
        assert shown.over == "ConfirmScreen"
        assert "10.244.1.99" in shown.text
        assert shown.app.screen.query_one(Input).value == "we"


async def test_a_frozen_picture_does_not_keep_a_confirmation_open() -> None:
    async with stage(picture(web())) as shown:
        await shown.press("p", "ctrl+d")
        await shown.show(picture(with_other_pause(web())))
        assert shown.over == "MainScreen"


async def test_read_only_takes_the_keys_away_everywhere() -> None:
    async with stage(picture(web()), read_only=True, size=(120, 40)) as shown:
        assert "READ-ONLY" in shown.text
        for said in ("restart", "delete pause", "kill"):
            assert said not in shown.lines[-1]
        for key in ("ctrl+d", "r", "K"):
            await shown.press("j", key)
            assert shown.over == "MainScreen"
            assert "read-only: nothing can be changed from here" in shown.lines[-1]
        await shown.press("question_mark")
        assert "Doing" not in shown.text
        await shown.press("escape", "colon")
        await shown.type("delete")
        assert "delete the pod's pause" not in shown.text


async def test_a_machine_that_becomes_read_only_closes_the_confirmation() -> None:
    async with stage(picture(web())) as shown:
        await shown.press("ctrl+d")
        await shown.show(replace(picture(web()), read_only=True))
        assert shown.over == "MainScreen"


async def test_what_the_session_refuses_is_said() -> None:
    async with stage(picture(web()), refuse="pausetui runs read-only") as shown:
        await shown.press("ctrl+d")
        await shown.type("web")
        await shown.press("enter")
        assert "pausetui runs read-only" in shown.lines[-1]


async def test_where_nobody_brings_a_member_back_its_name_has_to_be_typed() -> None:
    lonely = replace(pod("web"), brought_back_by=Restorer.NOBODY)
    async with stage(picture(lonely)) as shown:
        await shown.press("j", "j", "r", "y", "enter")
        assert shown.session.submitted == []
        assert "Nothing is known that would start it again." in shown.text
