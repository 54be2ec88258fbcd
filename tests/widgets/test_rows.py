from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import assume, given

from pausetui.core.inventory import ContainerState
from pausetui.core.observation import Problem
from pausetui.core.snapshot import Pod, Snapshot
from pausetui.live.picture import GonePod, Picture
from pausetui.text import ASCII, UNICODE
from pausetui.widgets.listing import Listing, View
from pausetui.widgets.row import Look, Row, RowKind
from tests.factories import NOW, container, pod, snapshot
from tests.scenes import api, classic, hidden, web
from tests.strategies import snapshots


def everything(shown: Snapshot) -> View:
    return View({one.key: frozenset(each.key for each in one.containers()) for one in shown.pods}, apart=True)


def rows(*pods: object, view: View | None = None, **other: object) -> tuple[Row, ...]:
    shown = replace(snapshot(*pods), **other)  # type: ignore[arg-type]
    return Listing(UNICODE).rows(Picture(shown), view or everything(shown))


def text(row: Row) -> str:
    return f"{row.lead}{row.name}"


def test_a_pod_is_shown_above_its_pause_its_members_and_their_processes() -> None:
    assert [text(row) for row in rows(web())] == [
        "▼ ▲ default/web",
        "  ├ ◆ pause",
        "  ├ ● nginx ▼3",
        "  │ ├ nginx",
        "  │ ├ nginx-worker",
        "  │ └ nginx-worker",
        "  ├ ● sidecar",
        "  └ nsenter (pid 4711) shares net",
    ]


def test_equal_letters_share_a_namespace_and_others_do_not() -> None:
    by_name = {row.name: row for row in rows(classic())}
    assert by_name["app"].where == "net=A ipc=A uts=A"
    assert by_name["db"].where == "net=B ipc=A uts=A"


def test_an_orphan_is_flagged_by_glyph_and_word() -> None:
    db = next(row for row in rows(classic()) if row.name == "db")
    assert "▲" in db.lead
    assert db.more == "orphaned"


def test_pause_says_what_it_holds() -> None:
    assert next(row for row in rows(web()) if row.name == "pause").where == "holds net ipc uts"


def test_namespaces_of_the_host_are_called_host() -> None:
    plain = pod("web")
    assert plain.pause is not None
    shown = snapshot(plain)
    host = replace(shown.host, uts=plain.pause.namespaces.uts)
    by_name = {row.name: row for row in rows(plain, host=host)}
    assert by_name["nginx"].where == "net=A ipc=A uts=host"
    assert by_name["pause"].where == "holds net ipc"


def test_a_pod_without_pause_says_so() -> None:
    noted = replace(pod("web"), pause=None, note="a makes the network, b joins it")
    assert "pause: none  a makes the network, b joins it" in [row.name for row in rows(noted)]


def test_what_may_not_be_read_says_needs_root() -> None:
    first, *others = rows(hidden())
    assert first.where == "needs root"
    assert {row.where for row in others} == {"needs root"}


def test_an_ended_member_says_exit_code_and_reason() -> None:
    ended = next(row for row in rows(api()) if row.name == "sidecar")
    assert (ended.state, ended.where, ended.look) == ("exited 137", "OOMKilled", Look.BAD)


def test_a_reason_told_at_length_takes_no_room_from_names() -> None:
    one = api()
    said = "cannot join network of a non running container: 0d5f6a48c2ae1a321cf3983d7cb79978"
    sidecar = replace(next(member for member in one.members if member.name == "sidecar"), reason=said)
    others = tuple(member for member in one.members if member.name != "sidecar")
    row = next(row for row in rows(replace(one, members=(*others, sidecar))) if row.name == "sidecar")
    assert (row.where, row.more) == ("", said)


def test_addresses_that_differ_are_both_told() -> None:
    assert any("the runtime says 10.244.1.2, the kernel has 10.244.1.6" in row.name for row in rows(api()))


def test_a_problem_of_a_pod_is_under_it_and_another_at_the_end() -> None:
    plain = pod("web")
    problems = (Problem(plain.key, "its cgroup", "gone", ""), Problem("kernel", "pins", "Permission denied", ""))
    names = [row.name for row in rows(plain, problems=problems)]
    assert names.index("its cgroup: gone") < names.index("pins: Permission denied") == len(names) - 1


def test_ages_are_coarse_and_change_only_when_their_text_does() -> None:
    listing, shown = Listing(UNICODE), snapshot(pod("web"))
    first = listing.rows(Picture(shown), everything(shown))
    later = replace(shown, taken_at=NOW + timedelta(seconds=59))
    assert listing.rows(Picture(later), everything(shown)) is first
    after = listing.rows(Picture(replace(shown, taken_at=NOW + timedelta(seconds=61))), everything(shown))
    assert {row.age for row in first} == {"3m", ""}
    assert {row.age for row in after} == {"4m", ""}


def test_a_pod_that_has_not_changed_keeps_its_very_rows() -> None:
    listing, one, two = Listing(UNICODE), pod("web"), pod("api", base=300, pid=3000)
    shown = snapshot(one, two)
    first = listing.rows(Picture(shown), everything(shown))
    changed = snapshot(replace(one, addresses=("10.0.0.9",)), two)
    second = listing.rows(Picture(changed), everything(shown))
    assert [row for row in first if row.pod_key == two.key] == [row for row in second if row.pod_key == two.key]
    assert all(any(row is old for old in first) for row in second if row.pod_key == two.key)
    assert next(row for row in second if row.key == one.key).where == "10.0.0.9"


def test_a_gone_pod_stays_in_its_place_dimmed() -> None:
    shown = snapshot(pod("a"), pod("c", base=300, pid=3000))
    gone = GonePod(pod("b", base=500, pid=5000), NOW)
    found = Listing(UNICODE).rows(Picture(shown, gone=(gone,)), View())
    assert [row.name for row in found] == ["default/a", "default/b", "default/c"]
    assert (found[1].look, found[1].state, found[1].lead) == (Look.GONE, "gone", "✕   ")


def test_a_gone_pod_that_is_back_is_not_shown_twice() -> None:
    plain = pod("web")
    found = Listing(UNICODE).rows(Picture(snapshot(plain), gone=(GonePod(plain, NOW),)), View())
    assert len(found) == 1


def test_the_filter_keeps_matching_containers_and_unfolds_their_pod() -> None:
    found = rows(web(), api(), view=View(words=("nginx",)))
    assert [row.name for row in found] == ["default/web", "nginx ▶3", "shop/api", "nginx"]


def test_a_filter_that_matches_a_pod_keeps_it_whole() -> None:
    found = rows(web(), api(), view=View({api().key: frozenset()}, words=("shop",)))
    assert [row.name for row in found][:4] == ["shop/api", "pause", "nginx", "sidecar"]


def test_only_wrong_leaves_out_pods_that_are_all_right() -> None:
    found = rows(pod("fine", base=800, pid=8000), api(), view=View(only_wrong=True))
    assert [row.name for row in found] == ["shop/api"]


def test_a_restart_counts_as_wrong_for_ten_minutes() -> None:
    listing, shown = Listing(UNICODE), snapshot(web())
    listing.rows(Picture(shown), View())
    assert listing.bad == 1
    listing.rows(Picture(replace(shown, taken_at=NOW + timedelta(minutes=11))), View())
    assert listing.bad == 0


def test_an_init_container_is_called_that() -> None:
    from pausetui.core.inventory import Role

    plain = pod("web")
    setup = container(plain.key, "setup", Role.INIT, pid=None)
    assert "setup (init)" in [row.name for row in rows(replace(plain, members=(setup,)))]


def test_in_ascii_every_lead_is_ascii() -> None:
    shown = snapshot(web(), api(), classic())
    found = Listing(ASCII).rows(Picture(shown), everything(shown))
    assert all(row.lead.isascii() for row in found)


@given(snapshots())
def test_every_pod_and_container_of_any_snapshot_has_exactly_one_row(shown: Snapshot) -> None:
    keys = [key for one in shown.pods for key in (one.key, *(each.key for each in one.containers()))]
    assume(len(set(keys)) == len(keys))
    found = Listing(UNICODE).rows(Picture(shown), everything(shown))
    of_pods = [row.key for row in found if row.kind in (RowKind.POD, RowKind.CONTAINER)]
    assert sorted(of_pods) == sorted(keys)


def test_a_member_tells_its_age_only_if_it_is_not_as_old_as_its_pause() -> None:
    by_name = {row.name: row for row in rows(web())}
    assert (by_name["pause"].age, by_name["nginx ▼3"].age, by_name["sidecar"].age) == ("3m", "<1m", "")


def test_the_row_of_a_pod_says_in_a_word_what_is_wrong() -> None:
    named = {row.name: row.more for row in rows(web(), classic(), pod("fine", base=800, pid=8000))}
    assert (named["default/web"], named["classic"], named["default/fine"]) == ("new sandbox", "orphan", "")


def test_a_filter_does_not_match_what_no_row_shows() -> None:
    assert rows(pod("other", base=800, pid=8000), view=View(words=("lab/web",))) == ()


def loose(name: str) -> Pod:
    return replace(pod(name), shares_nothing=True)


def test_containers_that_share_nothing_are_folded_away_behind_the_pods() -> None:
    names = [row.name for row in rows(loose("a"), pod("web"), loose("z"), view=View())]
    assert names == ["default/web", "2 containers that share nothing"]


def test_unfolded_they_are_shown() -> None:
    names = [row.name for row in rows(loose("a"), pod("web"), view=View(apart=True))]
    assert names == ["default/web", "1 container that shares nothing", "default/a"]


def test_where_there_is_nothing_else_they_are_shown() -> None:
    assert [row.name for row in rows(loose("a"), view=View())][1] == "default/a"


def test_one_with_something_wrong_is_not_folded_away() -> None:
    failed = replace(loose("a").members[0], state=ContainerState.EXITED, exit_code=1)
    wrong = replace(loose("a"), members=(failed,))
    assert [row.name for row in rows(wrong, pod("web"), view=View())] == ["default/a", "default/web"]


def test_the_filter_finds_them_too() -> None:
    assert [row.name for row in rows(loose("abc"), pod("web"), view=View(words=("abc",)))] == ["default/abc"]
