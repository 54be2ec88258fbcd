from dataclasses import replace

import pytest

from pausetui.core.hidden import hides_something
from pausetui.core.observation import Problem
from tests import factories

DENIED = Problem("kernel", "namespaces of 12 processes", "Permission denied", "run as root")


def test_a_container_that_cannot_be_read_is_hidden() -> None:
    pod = factories.pod()
    hidden = replace(pod, members=(replace(pod.members[0], cannot_read=True),))
    assert hides_something(factories.snapshot(hidden))


@pytest.mark.parametrize("problems", [(), (DENIED,)])
def test_pods_that_are_all_read_hide_nothing_whatever_else_on_the_machine_may(
    problems: tuple[Problem, ...],
) -> None:
    assert not hides_something(replace(factories.snapshot(), problems=problems))


def test_a_proc_that_hides_others_may_hide_pods() -> None:
    hidepid = Problem("kernel", "other users' processes", "/proc is mounted with hidepid", "run as root")
    assert hides_something(replace(factories.snapshot(), pods=(), problems=(hidepid,)))


def test_where_root_itself_is_refused_root_would_see_no_more() -> None:
    refused = Problem("kernel", "namespaces of some processes", "Permission denied, even for root", "")
    assert not hides_something(replace(factories.snapshot(), pods=(), problems=(refused,)))


def test_where_there_are_no_pods_what_may_not_be_read_may_hold_some() -> None:
    nothing = replace(factories.snapshot(), pods=())
    assert hides_something(replace(nothing, problems=(DENIED,)))
    assert not hides_something(nothing)
