"""The check-up on the screen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from pausetui.core.observation import Problem
from pausetui.live.picture import Picture
from tests.factories import pod
from tests.scenes import api, picture, web
from tests.screens.stage import Stage, stage
from tests.waiting import await_until

STALE = replace(api(), runtime_addresses=("10.244.1.99",))


def many(count: int = 30) -> Picture:
    """A stale address in each of so many pods."""
    names = (f"pod-{number:02}" for number in range(count))
    pods = (pod(name, base=100 * place, address=f"10.0.0.{place}") for place, name in enumerate(names, 1))
    return picture(*(replace(one, runtime_addresses=("10.9.9.9",)) for one in pods))


@asynccontextmanager
async def checked(*pictures: Picture, size: tuple[int, int] = (80, 24), refuse: str = "") -> AsyncIterator[Stage]:
    """The check-up of the first picture, done."""
    async with stage(*pictures, size=size, refuse=refuse) as shown:
        await shown.press("c")
        await await_until(lambda: shown.over == "DoctorScreen" and "Looking." not in shown.text)
        yield shown


async def test_it_tells_what_is_wrong_and_goes_to_it() -> None:
    async with checked(picture(web(), STALE)) as shown:
        assert "stale-address" in shown.text
        await shown.press("enter")
        selected = shown.app.main.pods.selected
        assert selected is not None
        assert selected.pod_key == STALE.key


async def test_a_finding_of_no_row_is_gone_to_with_a_word() -> None:
    silent = Problem("backend:docker", "asking docker", "no answer", "start it")
    async with checked(picture(pod("quiet"), problems=(silent,))) as shown:
        await shown.press("enter")
        assert shown.over == "MainScreen"
        assert "docker is no row here" in shown.lines[-1]


async def test_of_a_healthy_machine_it_says_so_and_when() -> None:
    async with checked(picture(pod("quiet"))) as shown:
        assert "Nothing found, 1 pod of lab looked at." in shown.text
        assert "That was at " in shown.text
        assert "enter goes to it" not in shown.text


async def test_what_could_not_be_seen_is_told() -> None:
    denied = Problem("kernel", "namespaces of some processes", "Permission denied", "run as root")
    async with checked(picture(pod("quiet"), problems=(denied,))) as shown:
        assert "could not see  namespaces of some processes: Permission denied (run" in shown.text


async def test_r_looks_again_and_keeps_what_was_marked() -> None:
    async with checked(many(3)) as shown:
        await shown.press("j")
        assert "▌ stale-address  default/pod-01" in shown.text
        await shown.press("r")
        await await_until(lambda: shown.session.checked == 2 and "Looking." not in shown.text)
        assert "▌ stale-address  default/pod-01" in shown.text


async def test_where_it_cannot_look_it_says_why() -> None:
    async with checked(picture(pod("quiet")), refuse="nothing was seen in 3 s") as shown:
        assert "nothing was seen in 3 s" in shown.text


async def test_its_command_is_copied() -> None:
    asked = replace(picture(STALE).snapshot, backend="crictl")
    async with checked(Picture(asked)) as shown:
        await shown.press("y")
        assert shown.app.clipboard.startswith(" ".join((*asked.runtime.command, "stopp")))


async def test_each_of_many_findings_can_be_seen_whole_by_going_down() -> None:
    async with checked(many()) as shown:
        for number in range(30):
            assert f"▌ stale-address  default/pod-{number:02}" in shown.text
            assert "the kernel has 10.0.0." in shown.text
            await shown.press("j")
        assert "▌ stale-address  default/pod-00" in shown.text


async def test_the_last_and_the_first_are_one_key_away() -> None:
    async with checked(many()) as shown:
        await shown.press("G")
        assert "▌ stale-address  default/pod-29" in shown.text
        assert "r looks again." in shown.text
        await shown.press("g")
        assert "▌ stale-address  default/pod-00" in shown.text


async def test_a_check_up_that_ends_when_it_is_closed_again_does_no_harm() -> None:
    async with stage(picture(pod("quiet"))) as shown:
        await shown.press("c")
        await shown.press("escape")
        await await_until(lambda: shown.session.checked == 1)
        await shown.pilot.pause()
        assert shown.over == "MainScreen"
