"""Finding again in what another backend says what was selected."""

from __future__ import annotations

from dataclasses import replace

from pausetui.core.counterpart import counterparts
from pausetui.core.inventory import ContainerState
from pausetui.core.snapshot import Pod
from tests import factories

WEB, API = factories.pod("web"), factories.pod("api", base=300, pid=3000)
BEFORE = factories.snapshot(API, WEB)


def as_another_calls_it(pod: Pod) -> Pod:
    """The same processes, under other keys."""
    assert pod.pause is not None
    pause = replace(pod.pause, key="other/pause")
    members = tuple(replace(one, key=f"other/{one.name}") for one in pod.members)
    return replace(pod, key="other", pause=pause, members=members)


NOW = factories.snapshot(as_another_calls_it(WEB))


def test_a_container_is_found_by_its_process_and_after_it_its_pod() -> None:
    assert counterparts(WEB.members[0].key, BEFORE, NOW) == ("other/nginx", "other")


def test_a_pod_is_found_by_any_process_of_it() -> None:
    assert counterparts(WEB.key, BEFORE, NOW) == ("other",)
    only_a_member = factories.snapshot(replace(as_another_calls_it(WEB), pause=None))
    assert counterparts(WEB.key, BEFORE, only_a_member) == ("other",)


def test_of_a_container_that_has_ended_the_pod_is_found() -> None:
    ended = replace(WEB.members[0], state=ContainerState.EXITED, process=None)
    before = factories.snapshot(replace(WEB, members=(ended, *WEB.members[1:])))
    assert counterparts(ended.key, before, NOW) == ("other",)


def test_what_the_other_does_not_have_has_no_counterpart() -> None:
    assert counterparts(API.key, BEFORE, NOW) == ()
    assert counterparts("no key", BEFORE, NOW) == ()
