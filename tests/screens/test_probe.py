"""The dialog that tries a port of localhost: never without being asked, never on the thread of the screen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from pausetui.core.inventory import ContainerState
from pausetui.core.namespaces import NamespaceKind
from pausetui.core.network import Listener, NetworkView, ProbeResult
from pausetui.core.probe_telling import Asked
from pausetui.core.snapshot import Pod
from tests.factories import ns, pod
from tests.scenes import api, picture, web
from tests.screens.stage import Stage, stage
from tests.waiting import await_until

ACCEPTED = ProbeResult("127.0.0.1", 80, connected=True, milliseconds=0.2)


def view_of(one: Pod) -> NetworkView:
    assert one.net is not None
    listeners = tuple(Listener("tcp", 4, "0.0.0.0", port, owners=(1001,)) for port in (80, 8080))
    return NetworkView(one.net, 0.0, listeners=listeners)


@asynccontextmanager
async def asking(*keys: str, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Stage]:
    """On the sidecar, with the dialog open."""
    async with stage(picture(pod(), api()), size=size) as shown:
        shown.session.view = view_of(pod())
        shown.session.results = (ACCEPTED,)
        await shown.press("j", "j", "j", "P", *keys)
        await await_until(lambda: "Looking who listens" not in shown.text)
        yield shown


async def until_shown(shown: Stage, text: str) -> None:
    await await_until(lambda: text in " ".join(shown.text.split()), what=f"{text!r} in\n{shown.text}")


async def test_the_key_only_asks() -> None:
    async with asking() as shown:
        assert "Try a port of localhost from sidecar of default/web" in shown.text
        await until_shown(shown, "80 nginx's: nginx (pid 1001)")
        assert shown.session.asked == []
        await shown.press("escape")
        assert (shown.over, shown.session.asked) == ("MainScreen", [])


async def test_enter_tries_the_marked_port_and_tells_whose_it_was() -> None:
    async with asking() as shown:
        await until_shown(shown, "nginx's")
        await shown.press("enter")
        await until_shown(shown, "From sidecar, localhost:80 is nginx's: nginx (pid 1001) accepted.")
        assert shown.session.asked == [("sidecar", Asked(80))]


async def test_another_port_can_be_chosen_or_typed() -> None:
    async with asking() as shown:
        await until_shown(shown, "nginx's")
        await shown.press("down", "enter")
        await until_shown(shown, "Enter asks again")
        await shown.press("enter", *"1x234", "enter")
        await until_shown(shown, "Enter asks again")
        assert [one.port for _, one in shown.session.asked] == [8080, 1234]


async def test_a_port_that_is_none_is_not_tried() -> None:
    async with asking() as shown:
        await shown.press(*"70000", "enter")
        assert "Type a port from 1 to 65535." in shown.text
        assert shown.session.asked == []


async def test_tab_asks_for_head() -> None:
    async with asking() as shown:
        await until_shown(shown, "nginx's")
        await shown.press("tab")
        await until_shown(shown, "sends HEAD /")
        shown.session.results = (replace(ACCEPTED, answer=r"HTTP/1.1 200 \x1b[31mOK"),)
        await shown.press("enter")
        await until_shown(shown, r"HEAD / HTTP/1.1 200 \x1b[31mOK")
        assert shown.session.asked == [("sidecar", Asked(80, head=True))]


async def test_the_screen_goes_on_while_nobody_answers() -> None:
    async with asking() as shown:
        await until_shown(shown, "nginx's")
        shown.session.may_answer.clear()
        await shown.press("enter")
        assert "connect to localhost:80" in shown.text
        await shown.press("enter", "escape")
        assert shown.over == "MainScreen"
        shown.session.may_answer.set()
        assert len(shown.session.asked) == 1


async def test_it_closes_when_its_pod_is_gone_and_says_why() -> None:
    async with asking() as shown:
        await shown.show(picture(api()))
        assert shown.over == "MainScreen"
        assert "closed, nothing was tried: this pod is gone" in shown.lines[-1]


async def test_it_closes_when_its_member_has_ended() -> None:
    one = pod()
    nginx, sidecar = one.members
    ended = replace(one, members=(nginx, replace(sidecar, process=None, state=ContainerState.EXITED)))
    async with asking() as shown:
        await shown.show(picture(ended))
        assert "closed, nothing was tried: sidecar is not running" in shown.lines[-1]


async def test_it_closes_when_its_member_is_in_another_network_by_now() -> None:
    one = pod()
    nginx, sidecar = one.members
    moved = replace(sidecar, namespaces=replace(sidecar.namespaces, net=ns(NamespaceKind.NET, 555)))
    async with asking() as shown:
        await shown.show(picture(replace(one, members=(nginx, moved))))
        assert "sidecar of default/web is in another network namespace now" in shown.app.main.key_bar.notice


async def test_a_member_that_restarted_in_the_same_network_is_tried_through_its_new_process() -> None:
    one = pod()
    assert one.pause is not None
    nginx, sidecar = one.members
    async with asking() as shown:
        again = replace(sidecar, process=one.pause.process)
        await shown.show(picture(replace(one, members=(nginx, again))))
        assert shown.over == "ProbeScreen"
        assert shown.app._probing is not None
        assert shown.app._probing.seen.process == one.pause.process


async def test_what_came_of_it_stays_when_the_pod_is_gone() -> None:
    async with asking() as shown:
        await until_shown(shown, "nginx's")
        await shown.press("enter")
        await until_shown(shown, "accepted.")
        await shown.show(picture(api()))
        await until_shown(shown, "this pod is gone")
        assert "From sidecar, localhost:80" in shown.text


async def test_what_the_session_refuses_is_said() -> None:
    async with stage(picture(pod()), refuse="pid 1002 of sidecar has ended") as shown:
        await shown.press("j", "j", "P", *"80", "enter")
        await until_shown(shown, "connect to localhost:80: pid 1002 of sidecar has ended")


async def test_where_nobody_listens_any_port_can_be_typed() -> None:
    async with stage(picture(pod())) as shown:
        await shown.press("P")
        await until_shown(shown, "Nobody listens on a TCP port there.")
        await shown.press("enter")
        assert "Type a port" in shown.text


async def test_what_is_not_possible_is_said_with_the_reason() -> None:
    async with stage(picture(api())) as shown:
        await shown.press("G", "k", "P")
        assert "not possible: sidecar is not running" in shown.lines[-1]


async def test_read_only_takes_the_key_away() -> None:
    async with stage(picture(web()), read_only=True) as shown:
        await shown.press("P")
        assert shown.over == "MainScreen"
        assert "read-only: a connection from inside could be noticed there" in shown.lines[-1]
        await shown.press("question_mark")
        assert "try a port" not in shown.text


async def test_a_machine_that_becomes_read_only_closes_it() -> None:
    async with asking() as shown:
        await shown.show(replace(picture(pod()), read_only=True))
        assert shown.over == "MainScreen"
