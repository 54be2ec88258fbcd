from __future__ import annotations

from dataclasses import replace

import pytest

from pausetui.core.namespaces import NamespaceKind
from pausetui.core.network import (
    Link,
    LinkAddress,
    Listener,
    NetworkView,
    NftRules,
    PacketRules,
    Peer,
    Route,
)
from pausetui.core.observation import Vitals
from pausetui.live.inside import Inside
from pausetui.text import ASCII
from tests.factories import ns, pod
from tests.scenes import api, classic, hidden, line, nothing_here, picture, web
from tests.screens.stage import stage

LINES = (
    line(web(), "new sandbox attempt 1", after=5.4, seconds=1),
    line(api(), "crash restarted, attempt 7", count=7, seconds=30),
)


async def test_at_120_columns_the_details_stand_beside_the_tree() -> None:
    async with stage(picture(web()), size=(120, 40)) as shown:
        row = next(text for text in shown.lines if "◆ pause" in text)
        assert "│" in row
        assert "1 Holder of namespaces" in shown.text


async def test_at_80_columns_details_open_on_enter_and_close_on_escape() -> None:
    async with stage(picture(web())) as shown:
        assert "1 Holder of namespaces" not in shown.text
        await shown.press("enter")
        assert "1 Holder of namespaces" in shown.text
        assert "◆ pause" not in shown.text
        await shown.press("escape")
        assert "◆ pause" in shown.text


async def test_at_80x24_three_timeline_lines_stay() -> None:
    lines = tuple(line(web(), f"event {n}") for n in range(9))
    async with stage(picture(web(), timeline=lines)) as shown:
        await shown.press("enter")
        assert [text for text in shown.lines if "event" in text] == [
            f" 14:05:00  default/web  event {n}" for n in (6, 7, 8)
        ]


async def test_the_timeline_says_seconds_since_our_action_and_else_the_time_of_day() -> None:
    async with stage(picture(timeline=LINES)) as shown:
        assert "+5.4s  default/web  new sandbox attempt 1" in shown.text
        assert "14:05:30  shop/api     crash restarted, attempt 7 ×7" in shown.text


async def test_selecting_a_pod_filters_the_timeline_and_says_so() -> None:
    async with stage(picture(timeline=LINES)) as shown:
        assert "×7" in shown.text
        await shown.press("j")
        assert "×7" not in shown.text
        assert "1 more of other pods, t shows all" in shown.text
        await shown.press("t")
        assert "×7" in shown.text


async def test_numbers_choose_the_tab() -> None:
    async with stage(picture(web()), size=(120, 40)) as shown:
        for number, said in (
            ("2", "Equal letters share"),
            ("3", "Looking inside"),
            ("4", "what it calls itself"),
            ("5", "nsenter"),
            ("6", "P1"),
            ("1", "1 Holder"),
        ):
            await shown.press(number)
            assert said in shown.text


async def test_details_follow_the_cursor() -> None:
    async with stage(picture(web()), size=(120, 40)) as shown:
        await shown.press("j", "j")
        assert "nginx of default/web" in shown.text


async def test_details_follow_the_picture() -> None:
    async with stage(picture(web()), size=(120, 40)) as shown:
        await shown.show(picture(replace(web(), addresses=("10.244.1.99",))))
        assert "kernel   10.244.1.99" in shown.text


async def test_the_filter_narrows_while_typing_and_escape_shows_all_again() -> None:
    async with stage(picture(web(), api())) as shown:
        await shown.press("slash")
        await shown.type("sho")
        assert "default/web" not in shown.text
        assert "shop/api" in shown.text
        await shown.press("enter")
        assert "shows sho" in shown.text
        await shown.press("escape")
        assert "default/web" in shown.text


async def test_a_filter_without_matches_says_how_to_get_out() -> None:
    async with stage(picture(web())) as shown:
        await shown.press("slash")
        await shown.type("zzz")
        assert "Nothing contains zzz; esc shows all again." in shown.text


async def test_a_filter_among_what_is_wrong_does_not_say_that_nothing_has_that_name() -> None:
    async with stage(picture(pod("web"))) as shown:
        await shown.press("slash")
        await shown.type("web")
        await shown.press("enter", "exclamation_mark")
        assert "Nothing that is wrong contains web; esc shows all again." in shown.text


async def test_q_does_not_quit_while_a_filter_is_typed() -> None:
    async with stage(picture(web())) as shown:
        await shown.press("slash", "q")
        assert shown.app.is_running
        assert shown.app.main.filter.value == "q"


async def test_only_what_is_wrong() -> None:
    async with stage(picture(pod("fine", base=800, pid=8000), api())) as shown:
        await shown.press("exclamation_mark")
        assert "default/fine" not in shown.text
        assert "only wrong" in shown.text
        await shown.press("exclamation_mark")
        assert "default/fine" in shown.text


async def test_n_goes_to_the_next_pod_with_something_wrong() -> None:
    async with stage(picture(pod("a", base=800, pid=8000), pod("b", base=900, pid=9000), api())) as shown:
        await shown.press("n")
        assert shown.app.main.pods.selected is not None
        assert shown.app.main.pods.selected.name == "shop/api"


async def test_a_frozen_picture_stays_and_the_next_one_is_taken_when_it_goes_on() -> None:
    async with stage(picture(web())) as shown:
        await shown.press("p")
        assert "FROZEN" in shown.text
        await shown.show(picture(replace(web(), addresses=("10.244.1.99",))))
        assert "10.244.1.99" not in shown.text
        await shown.press("p")
        assert "10.244.1.99" in shown.text


async def test_a_machine_without_pods_says_so_and_offers_the_lab() -> None:
    async with stage(nothing_here(), lab=True) as shown:
        assert "No pods on node1" in shown.text
        assert "pausetui --lab" in shown.text
        assert "namespaces of 12 processes: Permission denied" in shown.text
        assert "L open the lab" in shown.lines[-1]
        assert "delete pause" not in shown.text
        await shown.press("L")
    assert shown.app.return_value == "lab"


async def test_a_namespace_without_pods_says_how_many_there_are_in_others() -> None:
    empty = replace(nothing_here(), elsewhere=9)
    async with stage(empty, lab=True, namespace="shop") as shown:
        assert "No pods in the namespace shop on node1; 9 in others" in shown.text
        assert "namespace shop" in shown.lines[0]
        assert "pausetui --lab" not in shown.text
        await shown.press("L")
        assert shown.app.is_running


async def test_a_namespace_without_pods_on_a_machine_without_pods_says_both() -> None:
    async with stage(nothing_here(), lab=True, namespace="shop") as shown:
        assert "No pods on node1 in the namespace shop, and none in others" in shown.text


async def test_where_there_are_pods_the_key_of_the_lab_does_nothing() -> None:
    async with stage(picture(web()), lab=True) as shown:
        await shown.press("L")
        assert shown.app.is_running


async def test_without_rights_each_hidden_cell_and_the_status_line_say_what_is_needed() -> None:
    command = "sudo /usr/bin/pausetui --backend proc"
    async with stage(picture(hidden(), web()), root_command=command) as shown:
        assert shown.lines[1] == f" needs root to see the rest: {command}"
        assert sum("needs root" in text for text in shown.lines) == 4
        assert "10.244.1.5" in shown.text


async def test_in_ascii_nothing_else_is_drawn() -> None:
    lines = (line(web(), "IP 10.244.1.5 → 10.244.1.8", count=3),)
    shown_pods = (web(), api(), classic(), pod("日本", base=700, pid=7000))
    async with stage(picture(*shown_pods, timeline=lines), glyphs=ASCII, size=(120, 40)) as shown:
        for keys in (
            (),
            ("2",),
            ("3",),
            ("4",),
            ("5",),
            ("question_mark",),
            ("escape", "ctrl+d"),
            ("escape", "colon"),
        ):
            await shown.press(*keys)
            assert shown.text.isascii(), keys


@pytest.mark.parametrize("size", [(20, 24), (20, 5), (40, 12), (10, 3), (1, 1), (200, 60)])
async def test_no_size_is_too_small_to_go_on(size: tuple[int, int]) -> None:
    async with stage(picture(web(), api(), timeline=LINES), size=size) as shown:
        for key in (
            "j",
            "enter",
            "2",
            "escape",
            "ctrl+d",
            "escape",
            "question_mark",
            "escape",
            "slash",
            "escape",
            "G",
        ):
            await shown.press(key)
        assert shown.app.is_running


async def test_at_20_columns_names_are_whole_and_what_is_wrong_is_marked() -> None:
    async with stage(picture(web(), api()), size=(20, 12)) as shown:
        assert "▲ shop/api" in shown.text
        assert "● sidecar" in shown.text


async def test_at_60_columns_a_long_pod_is_shown_without_its_namespace() -> None:
    one = pod("crash-loop-7d9f8", namespace="payments-production-eu")
    async with stage(picture(one), size=(60, 20)) as shown:
        row = next(text for text in shown.lines if "crash-loop-7d9f8" in text)
        assert "payments" not in row
        assert "Ready" in row
        assert "10.244.1.5" in row


async def test_at_120_columns_every_tab_says_at_least_how_its_name_begins() -> None:
    async with stage(picture(web(), api(), classic()), size=(120, 40)) as shown:
        tabs = shown.lines[1]
        assert all(name in tabs for name in ("Overview", "Name", "Netw", "Proc", "Comm", "Expl"))


async def test_on_a_wide_terminal_a_long_name_that_comes_later_gets_its_room() -> None:
    one, name = pod("web"), "payment-service-with-a-long-name-7d9f8b6c5-x2x8k"
    async with stage(picture(one), size=(220, 40)) as shown:
        await shown.show(picture(one, pod(name, base=800, pid=8000)))
        assert f"default/{name}" in shown.text


async def test_a_member_that_was_stopped_says_so_in_its_row() -> None:
    one = pod("web")
    nginx = one.members[0]
    assert nginx.process is not None
    async with stage(picture(one)) as shown:
        assert "running" in next(text for text in shown.lines if "nginx" in text)
        await shown.show(picture(one, vitals={nginx.process: Vitals("T")}))
        assert "stopped" in next(text for text in shown.lines if "nginx" in text)


async def test_help_explains_the_number_of_processes_and_the_key_of_the_lab() -> None:
    async with stage(picture(web()), lab=True, size=(120, 90)) as shown:
        await shown.press("question_mark")
        assert "▶2 ▼2" in shown.text
        assert "where there are no pods, open the lab" in shown.text


async def test_a_terminal_that_grows_gets_the_details_and_one_that_shrinks_loses_them() -> None:
    async with stage(picture(web())) as shown:
        await shown.pilot.resize_terminal(120, 40)
        await shown.pilot.pause()
        assert "1 Holder of namespaces" in shown.text
        await shown.pilot.resize_terminal(80, 24)
        await shown.pilot.pause()
        assert "1 Holder of namespaces" not in shown.text
        assert "◆ pause" in shown.text


async def test_tab_goes_through_the_panes_and_j_scrolls_the_details() -> None:
    async with stage(picture(web()), size=(120, 30)) as shown:
        await shown.press("5", "tab", "j", "j")
        assert "What is said about pause containers" not in shown.text
        assert shown.app.main.pods.selected is not None
        assert shown.app.main.pods.selected.name == "default/web"


async def test_a_problem_of_the_machine_can_be_selected_and_tells_what_to_do() -> None:
    from pausetui.core.observation import Problem

    problem = Problem("kernel", "pins", "Permission denied", "run as root")
    async with stage(picture(web(), problems=(problem,)), size=(120, 40)) as shown:
        await shown.press("G")
        assert "what to do  run as root" in shown.text


NET = web().net
VETH = Peer(7, "veth7", "cni0", on_host=True)
INSIDE = NetworkView(
    NET or ns(NamespaceKind.NET, 1),
    10.0,
    "netlink",
    links=(
        Link("eth0", 2, "veth", True, True, "up", "0a:58:0a:f4:01:05", 1500, peer=Peer(7, "veth7", "cni0", True)),
    ),
    addresses=(LinkAddress("10.244.1.5", 24, "eth0", "global"),),
    routes=(Route(4, "default", "10.244.1.1", "eth0"),),
    neighbours=(),
    listeners=(Listener("tcp", 4, "0.0.0.0", 80, inode=5, owners=(1001,)),),
    connections={"ESTABLISHED": 3},
    rules=PacketRules(NftRules(("ip nat",), 2, 4), ()),
)


async def test_the_network_tab_asks_for_the_selected_pods_network_and_shows_what_was_seen() -> None:
    async with stage(picture(web()), size=(200, 60)) as shown:
        await shown.press("3")
        assert shown.session.watched == [web().key]
        await shown.show(replace(picture(web()), inside=Inside(web().key, INSIDE)))
        for said in (
            "other end veth7 on the host, port of cni0",
            "10.244.1.5/24",
            "tcp 0.0.0.0:80  nginx (pid 1001)",
            "3 ESTABLISHED",
            "default via 10.244.1.1 on eth0",
            "4 rules in ip nat",
        ):
            assert said in shown.text


async def test_what_is_not_looked_at_is_not_looked_into() -> None:
    async with stage(picture(web()), size=(140, 50)) as shown:
        await shown.press("3", "1")
        assert shown.session.watched == [web().key, None]
        await shown.press("3", "d")
        assert shown.session.watched[2:] == [web().key, None]
