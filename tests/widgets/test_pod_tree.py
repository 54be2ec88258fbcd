from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace

from textual.geometry import Region
from textual.pilot import Pilot

from pausetui.app import PauseTui
from pausetui.core.observation import ProcessId, Vitals
from pausetui.core.snapshot import Pod
from pausetui.messages import SubjectChanged
from pausetui.widgets.pod_tree import PodTree
from tests.factories import pod, snapshot
from tests.fakes import FakeSession
from tests.scenes import classic, picture, web


class Stage:
    """The tree of an app, and what it did."""

    def __init__(self, app: PauseTui, session: FakeSession, pilot: Pilot[str]) -> None:
        self.app, self.session, self.pilot = app, session, pilot
        self.tree: PodTree = app.main.pods
        self.messages: list[SubjectChanged] = []
        self.refreshed: list[Region] = []

    async def show(self, *pods: Pod, vitals: Mapping[ProcessId, Vitals] | None = None) -> None:
        shown = picture(*pods)
        if vitals is not None:
            shown = replace(shown, snapshot=replace(shown.snapshot, vitals=vitals))
        self.session.show(shown)
        await self.settle()

    async def settle(self) -> None:
        await self.app.workers.wait_for_complete()
        await self.pilot.pause()

    @property
    def name(self) -> str:
        assert self.tree.selected is not None
        return self.tree.selected.name

    @property
    def texts(self) -> list[str]:
        return [line.text.rstrip() for line in self.tree.lines]


@asynccontextmanager
async def stage(*pods: Pod, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Stage]:
    session = FakeSession(picture(*pods))
    app = PauseTui(session, driver_class=None)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        found = Stage(app, session, pilot)
        post, refresh = found.tree.post_message, found.tree.refresh

        def noted(message: object) -> bool:
            if isinstance(message, SubjectChanged):
                found.messages.append(message)
            return post(message)  # type: ignore[arg-type]

        def noted_refresh(*regions: Region, **options: bool) -> object:
            found.refreshed.extend(regions)
            return refresh(*regions, **options)

        found.tree.post_message = noted  # type: ignore[method-assign]
        found.tree.refresh = noted_refresh  # type: ignore[method-assign, assignment]
        yield found


def many(count: int) -> list[Pod]:
    return [pod(f"p{n:03}", base=100 * n, pid=1000 + 10 * n) for n in range(count)]


async def test_pods_start_unfolded_if_all_of_them_fit() -> None:
    async with stage(pod("web")) as shown:
        assert [line.split()[1] for line in shown.texts[1:]] == ["default/web", "◆", "●", "●"]


async def test_pods_start_folded_if_they_do_not_all_fit() -> None:
    async with stage(*many(8)) as shown:
        assert all(line.startswith("▶") for line in shown.texts[1:])
        await shown.show(*many(9))
        assert all(line.startswith("▶") for line in shown.texts[1:])


async def test_the_cursor_stays_on_its_row_when_rows_come_and_go_above() -> None:
    async with stage(*many(20)) as shown:
        shown.tree.select(12)
        before = shown.name
        await shown.show(*many(20)[3:])
        assert shown.name == before
        await shown.show(*many(20))
        assert shown.name == before


async def test_the_cursor_stays_on_its_line_of_the_screen_when_rows_come_above() -> None:
    async with stage(*many(40)) as shown:
        shown.tree.select(20)
        line = next(n for n, text in enumerate(shown.texts) if "p020" in text)
        await shown.show(*[pod("a-new-one", base=9000, pid=90000), *many(40)])
        assert "p020" in shown.texts[line]


async def test_the_cursor_goes_to_the_pod_when_its_row_is_gone_and_says_so_once() -> None:
    async with stage(web()) as shown:
        shown.tree.select(3)
        shown.messages.clear()
        await shown.show(replace(web(), members=()))
        assert shown.name == "default/web"
        assert len(shown.messages) == 1
        assert not shown.messages[0].by_user


async def test_the_cursor_goes_to_the_neighbour_at_the_same_place_when_its_pod_is_gone() -> None:
    async with stage(*many(20)) as shown:
        shown.tree.select(5)
        shown.messages.clear()
        pods = many(20)
        await shown.show(*pods[:5], *pods[6:])
        assert shown.name == "default/p006"
        assert len(shown.messages) == 1


async def test_the_same_picture_again_sends_nothing() -> None:
    async with stage(web(), classic()) as shown:
        await shown.show(web(), classic())
        shown.refreshed.clear()
        shown.messages.clear()
        await shown.show(web(), classic())
        assert shown.refreshed == []
        assert shown.messages == []


async def test_one_changed_row_refreshes_one_line() -> None:
    async with stage(web(), size=(120, 40)) as shown:
        shown.refreshed.clear()
        nginx, sidecar = web().members
        await shown.show(replace(web(), members=(nginx, replace(sidecar, restarts=1))))
        assert [region.height for region in shown.refreshed] == [1]


async def test_a_row_out_of_view_refreshes_nothing() -> None:
    async with stage(*many(40)) as shown:
        shown.refreshed.clear()
        pods = many(40)
        await shown.show(*pods[:-1], replace(pods[-1], addresses=("10.9.9.9",)))
        assert shown.refreshed == []


async def test_a_pod_that_comes_below_the_view_refreshes_nothing() -> None:
    async with stage(*many(40)) as shown:
        shown.refreshed.clear()
        await shown.show(*many(41))
        assert shown.refreshed == []


async def test_cpu_is_shown_past_a_threshold_and_in_steps() -> None:
    plain = pod("web")
    process = plain.members[0].process
    assert process is not None
    async with stage(plain) as shown:
        for cpu, said in ((9.9, False), (42.0, True), (48.0, True)):
            vitals = {**snapshot(plain).vitals, process: Vitals("R", 1, cpu)}
            await shown.show(plain, vitals=vitals)
            assert any("cpu 40%" in text for text in shown.texts) is said


async def test_space_folds_and_arrows_go_in_and_out() -> None:
    async with stage(web()) as shown:
        press = shown.pilot.press
        await press("space")
        assert len(shown.tree.rows) == 1
        await press("right", "right", "j", "right")
        assert shown.name == "nginx ▼3"
        await press("right", "j")
        assert shown.name == "nginx-worker"
        await press("left")
        assert shown.name == "nginx ▼3"
        await press("left", "left")
        assert shown.name == "default/web"


async def test_the_ends_and_pages_are_one_key_away() -> None:
    async with stage(*many(100)) as shown:
        press = shown.pilot.press
        await press("G")
        assert shown.name == "default/p099"
        await press("g")
        assert shown.name == "default/p000"
        await press("pagedown")
        assert shown.name == f"default/p{shown.tree.page - 1:03}"


async def test_a_name_is_shortened_in_its_middle_and_nothing_else_is_cut() -> None:
    name = "payment-service-with-a-very-long-name-indeed-7d9f8b6c5-x2x8k"
    long = replace(pod(name), addresses=("fd00:10:244:1:abcd:ef01:2345:6789",), attempt=3)
    async with stage(long) as shown:
        row = shown.texts[1]
        assert "default/" in row
        assert "x2x8k" in row
        assert "Ready" in row
        assert "fd00:10:244:1:abcd:ef01:2345:6789" in row


async def test_columns_stay_aligned_beside_wide_characters() -> None:
    async with stage(pod("日本語のポッド"), pod("web", base=300, pid=3000)) as shown:
        from rich.cells import cell_len

        lines = [line.text for line in shown.tree.lines if "Ready" in line.text]
        assert len({cell_len(line[: line.index("Ready")]) for line in lines}) == 1


async def test_space_shows_the_containers_that_share_nothing_and_hides_them_again() -> None:
    async with stage(pod("web"), replace(pod("alone", base=100, pid=5000), shares_nothing=True)) as shown:
        await shown.pilot.press("G", "space")
        assert any("default/alone" in text for text in shown.texts)
        await shown.pilot.press("space")
        assert not any("default/alone" in text for text in shown.texts)


async def test_the_cursor_stays_on_what_another_backend_calls_otherwise() -> None:
    one, other = web(), classic()
    async with stage(other, one) as shown:
        shown.tree.select_key(one.members[1].key)
        renamed = tuple(renamed_by_proc(each, f"{each.key}-by-proc") for each in (one, other))
        told = picture(*renamed)
        shown.session.show(replace(told, snapshot=replace(told.snapshot, backend="proc")))
        await shown.settle()
        assert shown.tree.selected is not None
        assert shown.tree.selected.key == f"{one.members[1].key}-by-proc"


def renamed_by_proc(one: Pod, key: str) -> Pod:
    """The same processes under other keys."""
    members = tuple(replace(each, key=f"{each.key}-by-proc") for each in one.members)
    pause = replace(one.pause, key=f"{one.pause.key}-by-proc") if one.pause else None
    return replace(one, key=key, pause=pause, members=members)
