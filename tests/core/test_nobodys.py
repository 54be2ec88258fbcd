"""Namespaces that are nobody's, as they are told."""

from __future__ import annotations

from dataclasses import replace

from pausetui.core.namespaces import NamespaceKind
from pausetui.core.nobodys import Lasting, in_short
from pausetui.core.snapshot import Snapshot, Unclaimed
from tests.factories import ns, snapshot

LEFT = Unclaimed(ns(NamespaceKind.NET, 77), ("/run/netns/cni-77",), ("10.244.1.9",))
OTHER = Unclaimed(ns(NamespaceKind.NET, 78), ("/run/netns/cni-78",), ())


def seen(*left: Unclaimed, seconds: float = 0.0) -> Snapshot:
    return replace(snapshot(seconds=seconds), unclaimed=left)


def test_one_is_told_in_a_line_with_its_pin_and_address() -> None:
    assert in_short(LEFT) == "nobody's net 4026532077 pinned at /run/netns/cni-77, with 10.244.1.9"


def test_those_of_the_first_snapshot_are_told_at_once() -> None:
    assert Lasting().of(seen(LEFT)) == (LEFT,)


def test_one_that_comes_later_is_told_when_it_has_lasted_for_three_seconds() -> None:
    lasting = Lasting()
    lasting.of(seen(LEFT))
    assert lasting.of(seen(LEFT, OTHER, seconds=1)) == (LEFT,)
    assert lasting.of(seen(LEFT, OTHER, seconds=3.9)) == (LEFT,)
    assert lasting.of(seen(LEFT, OTHER, seconds=4)) == (LEFT, OTHER)


def test_one_that_was_a_pods_in_between_begins_anew() -> None:
    lasting = Lasting()
    lasting.of(seen(LEFT))
    lasting.of(seen(seconds=1))
    assert lasting.of(seen(LEFT, seconds=2)) == ()
