from dataclasses import replace
from datetime import timedelta
from typing import Any
from unicodedata import category

import pytest
from hypothesis import given, settings

from pausetui.core.changes import Change, ChangeKind, Event, TimelineLine
from pausetui.core.inventory import ContainerState, Role
from pausetui.core.namespaces import NOTHING_KNOWN, NamespaceKind
from pausetui.core.observation import Problem, ProcessId
from pausetui.core.readable import event_to_text, saved_to_text, snapshot_to_text, width
from pausetui.core.snapshot import Container, Pod, PodPin, Sharer, Snapshot
from pausetui.text import ASCII
from tests import factories, strategies


def pause_of(pod: Pod) -> Container:
    assert pod.pause is not None
    return pod.pause


def text_of(pod: Pod, **more: Any) -> str:
    return snapshot_to_text(replace(factories.snapshot(pod), **more))


def line_with(text: str, part: str) -> str:
    (line,) = [line for line in text.splitlines() if part in line]
    return line


def event(text: str = "restarted", **more: Any) -> Event:
    change = Change(ChangeKind.CONTAINER_RESTARTED, "k", "default/web", "c", 0, 1, text)
    return Event(1, factories.NOW, change, **more)


TABLE = """\
node1 · lab 0.1.0 · 1 pod, 3 containers · 2026-03-14 14:05:00 UTC

POD          STATE    ATTEMPT  RESTARTS  AGE   PID  IP / NETWORK
default/web  Ready          0             3m        10.244.1.5
├ ◆ pause    running        0         0   3m  1000  net:[4026532010]
├ ● nginx    running        0         0   3m  1001  net:[4026532010]
└ ● sidecar  running        0         0   3m  1002  net:[4026532010]
"""


def test_pods_and_their_containers_stand_in_aligned_columns() -> None:
    assert text_of(factories.pod()) == TABLE


@settings(max_examples=50)
@given(strategies.snapshots())
def test_in_ascii_our_own_signs_are_ascii(snapshot: Snapshot) -> None:
    assert snapshot_to_text(snapshot, ASCII).isascii()


@settings(max_examples=50)
@given(strategies.snapshots())
def test_no_character_moves_the_cursor_but_line_breaks(snapshot: Snapshot) -> None:
    text = snapshot_to_text(snapshot)
    assert text.endswith("\n")
    assert not {category(one) for one in text.replace("\n", "")} & {"Cc", "Cf", "Zl", "Zp"}


def test_what_may_not_be_read_says_needs_root() -> None:
    pod = factories.pod()
    hidden = replace(pause_of(pod), namespaces=NOTHING_KNOWN, cannot_read=True)
    text = text_of(replace(pod, pause=hidden, addresses=None))
    assert line_with(text, "default/web").endswith("needs root")
    assert line_with(text, "pause").endswith("1000  needs root")


@pytest.mark.parametrize(
    ("changed", "shown"),
    [
        ({"addresses": ()}, "no address"),
        ({"addresses": None}, "not known"),
        ({"addresses": (), "host_network": True}, "host network"),
        ({"addresses": ("10.1.2.3", "fd00::3")}, "10.1.2.3, fd00::3"),
    ],
)
def test_a_pod_says_its_addresses_or_why_there_are_none(changed: dict[str, Any], shown: str) -> None:
    pod = replace(factories.pod(), runtime_addresses=(), **changed)
    assert line_with(text_of(pod), "default/web").endswith(f"  {shown}")


def test_a_container_that_ended_shows_its_exit_code_and_no_pid() -> None:
    pod = factories.pod()
    ended = replace(
        pod.members[1],
        state=ContainerState.EXITED,
        exit_code=137,
        process=None,
        namespaces=NOTHING_KNOWN,
        restarts=None,
    )
    line = line_with(text_of(replace(pod, members=(pod.members[0], ended))), "○ sidecar")
    assert line.split()[3:] == ["exited", "137", "0", "-", "3m", "-", "-"] or line.split() == [
        *("└", "○", "sidecar", "exited", "137", "0", "-", "3m", "-", "-")
    ]


def test_an_init_container_says_that_it_is_one() -> None:
    pod = factories.pod()
    init = replace(pod.members[0], role=Role.INIT)
    assert "nginx (init)" in text_of(replace(pod, members=(init,)))


def test_what_is_wrong_and_who_else_shares_and_holds_stands_below_the_pod() -> None:
    pod = factories.pod()
    pod = replace(
        pod,
        orphans=(pod.members[1].key,),
        runtime_addresses=("10.244.1.9",),
        sharers=(Sharer(ProcessId(4711, 1), "bash", (NamespaceKind.NET, NamespaceKind.UTS)),),
        pins=(PodPin(NamespaceKind.NET, "/run/netns/cni-1"),),
    )
    below = text_of(pod).splitlines()[-4:]
    assert below == [
        "  ▲ the runtime says 10.244.1.9, the kernel has 10.244.1.5",
        "  ▲ sidecar is orphaned: it is not in the pod's network namespace",
        "  · bash (pid 4711) from outside shares its net uts",
        "  · net is held by a bind mount, too: /run/netns/cni-1",
    ]


def test_problems_stand_at_the_end_with_what_to_do() -> None:
    problem = Problem("kernel", "namespaces of 12 processes", "Permission denied", "run as root")
    assert text_of(factories.pod(), problems=(problem,)).endswith(
        "\n\nProblems:\n▲ kernel: namespaces of 12 processes: Permission denied (run as root)\n"
    )


def test_a_snapshot_without_pods_says_so_and_has_no_table() -> None:
    text = snapshot_to_text(replace(factories.snapshot(), pods=()))
    assert text == "node1 · lab 0.1.0 · no pods found · 2026-03-14 14:05:00 UTC\n"


def test_an_old_picture_and_a_machine_that_is_not_ours_are_said_in_the_first_line() -> None:
    text = text_of(factories.pod(), stale=True, read_only_because="this /proc is not ours")
    assert text.splitlines()[0].endswith("STALE: the runtime does not answer · READ-ONLY: this /proc is not ours")


def test_columns_stay_aligned_with_wide_characters() -> None:
    rows = text_of(factories.pod("日本")).splitlines()[2:]
    place = rows[0].index("STATE")
    assert [width(row[: row.index(word)]) for row, word in zip(rows[:2], ("STATE", "Ready"), strict=True)] == [
        place,
        place,
    ]


def test_a_change_is_one_line_with_its_time_pod_and_text() -> None:
    assert event_to_text(event()) == "2026-03-14 14:05:00.000Z  default/web  restarted\n"


def test_a_change_that_followed_an_action_says_how_long_after() -> None:
    later = replace(event(action_id="a1", seconds_after=5.44), at=factories.NOW + timedelta(milliseconds=250))
    assert event_to_text(later) == "2026-03-14 14:05:00.250Z  +5.4s  default/web  restarted\n"


def test_what_is_saved_ends_with_the_timeline_where_a_crash_loop_is_counted() -> None:
    timeline = [TimelineLine(event(), "first"), TimelineLine(event(), "crash loop", 12)]
    assert saved_to_text(factories.snapshot(), timeline).splitlines()[-3:] == [
        "Timeline:",
        "2026-03-14 14:05:00.000Z  default/web  first",
        "2026-03-14 14:05:00.000Z  default/web  crash loop (12 times)",
    ]


def test_what_is_saved_says_when_nothing_happened() -> None:
    assert saved_to_text(factories.snapshot(), ()).endswith("\nTimeline: nothing changed while it was watched.\n")
