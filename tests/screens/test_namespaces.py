"""The tab of namespaces: one cell is chosen, and below is why that namespace is alive."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from pausetui.core.holding import HeldByDescriptor, Holding, Named
from pausetui.core.namespaces import NamespaceKind
from pausetui.core.nobodys import ALL, key
from pausetui.core.observation import ProcessId
from pausetui.core.snapshot import Unclaimed
from pausetui.live.holding import Held
from pausetui.live.picture import Picture
from tests.factories import ns
from tests.scenes import api, nothing_here, picture, web
from tests.screens.stage import Stage, stage

SIZES = [(120, 40), (80, 24)]
LEFT = Unclaimed(ns(NamespaceKind.NET, 77), ("/run/netns/cni-77",), ("10.244.1.9",))
IN_SHORT = "nobody's net 4026532077 pinned at /run/netns/cni-77"


def looked_at() -> Picture:
    net = web().net
    assert net is not None
    open_there = HeldByDescriptor(Named(ProcessId(812, 1), "containerd"), 17)
    return replace(picture(web(), api()), held=Held(web().key, {net: Holding(net, descriptors=(open_there,))}))


def chosen(shown: Stage) -> str:
    """The row of the matrix that has a chosen cell."""
    (row,) = (text for text in shown.lines if re.search(r"\[([A-Z?]|host)\]", text))
    return row.rpartition("│")[2].strip()


@pytest.mark.parametrize("size", SIZES)
async def test_the_net_of_the_pause_is_chosen_first_and_the_brackets_choose_another(size: tuple[int, int]) -> None:
    async with stage(picture(web()), size=size) as shown:
        await shown.press("2")
        assert chosen(shown).startswith("pause  [A]")
        assert "Why the net namespace of pause is alive" in shown.text
        await shown.press("right_square_bracket", "right_square_bracket", "right_square_bracket")
        assert "Why the pid namespace of pause is alive" in shown.text
        await shown.press("left_square_bracket")
        assert "Why the uts namespace of pause is alive" in shown.text


async def test_the_kinds_go_round() -> None:
    async with stage(picture(web())) as shown:
        await shown.press("2", "left_square_bracket")
        assert "Why the time namespace of pause is alive" in shown.text


@pytest.mark.parametrize("size", SIZES)
async def test_a_bracket_leads_to_the_tab_from_anywhere_and_chooses_nothing_yet(size: tuple[int, int]) -> None:
    async with stage(picture(web()), size=size) as shown:
        await shown.press("right_square_bracket")
        assert "Why the net namespace of pause is alive" in shown.text


async def test_the_row_chooses_the_container_and_the_kind_stays() -> None:
    async with stage(picture(web()), size=(120, 40)) as shown:
        await shown.press("2", "right_square_bracket", "j", "j")
        assert chosen(shown).startswith("nginx   A   [A]")
        assert "Why the ipc namespace of nginx is alive" in shown.text


async def test_what_was_found_is_told_and_until_then_that_it_is_looked_for() -> None:
    async with stage(picture(web(), api()), size=(120, 40)) as shown:
        await shown.press("2")
        assert "are being looked for" in shown.text
        await shown.show(looked_at())
        assert "17 of containerd (pid 812)" in shown.text
        assert "are being looked for" not in shown.text


async def test_what_was_found_of_another_pod_is_not_told_of_this_one() -> None:
    async with stage(looked_at(), size=(120, 40)) as shown:
        await shown.press("2", "j", "j", "j", "j", "j")
        while "Namespaces of shop/api" not in shown.text:
            await shown.press("j")
        assert "containerd" not in shown.text


async def test_it_is_looked_for_only_while_the_tab_is_in_view() -> None:
    async with stage(picture(web())) as shown:
        assert shown.session.held == []
        await shown.press("2")
        await shown.press("3")
        await shown.press("2")
        await shown.press("escape")
        assert shown.session.held == [web().key, None, web().key, None]


async def test_a_leaked_namespace_has_a_row_in_the_tree_with_the_command_that_ends_it() -> None:
    async with stage(picture(web(), unclaimed=(LEFT,)), size=(120, 40)) as shown:
        assert IN_SHORT in shown.text
        await shown.press("G")
        assert "Nobody's namespaces on this machine" in shown.text
        assert "ip netns delete cni-77" in shown.text


async def test_who_else_has_to_let_go_of_a_leaked_namespace_is_looked_for_while_its_row_is_selected() -> None:
    plain = picture(web(), unclaimed=(LEFT,))
    async with stage(plain, size=(120, 40)) as shown:
        await shown.press("G")
        assert shown.session.held == [key(LEFT)]
        open_there = HeldByDescriptor(Named(ProcessId(812, 1), "sleep"), 9)
        holding = Holding(LEFT.namespace, descriptors=(open_there,))
        await shown.show(replace(plain, held=Held(key(LEFT), {LEFT.namespace: holding})))
        assert "sleep (pid 812) has to let go of it, too" in shown.text
        await shown.press("g")
        assert shown.session.held == [key(LEFT), None]


async def test_leaked_namespaces_are_told_where_there_are_no_pods() -> None:
    plain = nothing_here()
    left = replace(plain, snapshot=replace(plain.snapshot, unclaimed=(LEFT,)))
    async with stage(left) as shown:
        assert "ip netns delete cni-77" in shown.text
        assert shown.session.held == [ALL]
        open_there = HeldByDescriptor(Named(ProcessId(812, 1), "sleep"), 9)
        holding = Holding(LEFT.namespace, descriptors=(open_there,))
        await shown.show(replace(left, held=Held(ALL, {LEFT.namespace: holding})))
        assert "sleep (pid 812) has to let go of it, too" in " ".join(shown.text.split())


async def test_a_namespace_that_is_nobodys_for_a_moment_has_no_row() -> None:
    async with stage(picture(web()), size=(120, 40)) as shown:
        await shown.show(picture(web(), unclaimed=(LEFT,)))
        assert "nobody's net" not in shown.text
