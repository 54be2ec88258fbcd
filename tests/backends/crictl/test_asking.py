"""What one inventory asks: two calls where nothing changed, few where something did, and never without end."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pausetui.backends.crictl.asking import SELDOM, Answers, Asking
from pausetui.backends.crictl.inspecting import MOST_AGAIN, MOST_IDS, RETRY
from pausetui.backends.crictl.program import Ran
from pausetui.core.inventory import ContainerState, PodState, Usage
from pausetui.core.observation import Observation
from pausetui.errors import CannotLook
from tests.backends.crictl.node import BUSY, HUNG, Node
from tests.backends.crictl.recorded import found

STEADY = [("pods",), ("ps",)]


@pytest.fixture(params=["since 1.31", "before"])
def node(request: pytest.FixtureRequest) -> Node:
    """An empty node, behind a crictl of each kind."""
    return Node(arrays=request.param == "since 1.31", names_ids=request.param == "before")


def asks(node: Node) -> Asking:
    return Asking(found(node.crictl), node.clock)


def look(asking: Asking, node: Node, observation: Observation | None = None) -> Answers:
    return asking.look(observation or node.observe())


def a_node(pods: int = 1, *, arrays: bool = True) -> Node:
    node = Node(arrays=arrays)
    for number in range(pods):
        node.pod(f"p{number:03}", "a", "b")
    return node


@pytest.mark.parametrize("pods", [1, 10, 250])
def test_where_nothing_changed_two_calls_are_made_whatever_the_number_of_pods(pods: int) -> None:
    node = a_node(pods)
    asking = asks(node)
    look(asking, node)
    node.calls()
    for _ in range(5):
        node.now += 60
        answers = look(asking, node)
        assert node.calls() == STEADY
    assert len(answers.sandbox_details) == pods
    assert len(answers.container_details) == 2 * pods


def test_the_first_look_asks_about_many_in_one_call() -> None:
    node = a_node(110)
    answers = look(asks(node), node)
    calls = node.calls()
    assert [call[0] for call in calls] == ["version", "pods", "ps", *["inspectp"] * 2, *["inspect"] * 3, "images"]
    assert max(map(len, calls)) == MOST_IDS + 1
    assert len(answers.sandbox_details) == 110
    assert answers.failed == {}


def test_only_what_is_new_is_asked_about() -> None:
    node = a_node(3)
    asking = asks(node)
    look(asking, node)
    node.calls()
    node.pod("new", "a")
    look(asking, node)
    assert node.calls() == [*STEADY, ("inspectp", "new-0"), ("inspect", "new-0-a-0")]


def test_what_changed_its_state_is_asked_about_again() -> None:
    node = a_node(3)
    asking = asks(node)
    look(asking, node)
    node.calls()
    node.kill_pause("p001-0")
    node.end("p002-0-a-0")
    answers = look(asking, node)
    assert node.calls() == [*STEADY, ("inspectp", "p001-0"), ("inspect", "p002-0-a-0")]
    assert answers.sandbox_details["p001-0"].pid == 0
    assert answers.container_details["p002-0-a-0"].exit_code == 137


def test_what_is_gone_is_forgotten() -> None:
    node = a_node(2)
    asking = asks(node)
    look(asking, node)
    del node.sandboxes["p001-0"]
    for id_ in [id_ for id_ in node.containers if id_.startswith("p001")]:
        del node.containers[id_]
    answers = look(asking, node)
    assert set(answers.sandbox_details) == {"p000-0"}
    assert set(answers.container_details) == {"p000-0-a-0", "p000-0-b-0"}


def test_what_is_gone_between_list_and_details_is_left_out_and_the_others_are_shown(node: Node) -> None:
    for number in range(5):
        node.pod(f"p{number}", "a")
    node.gone = {"p2-0-a-0"}
    answers = look(asks(node), node)
    assert {one.id for one in answers.containers} == {f"p{number}-0-a-0" for number in (0, 1, 3, 4)}
    assert set(answers.container_details) == {one.id for one in answers.containers}


def test_one_that_fails_alone_is_told_and_asked_again_only_after_a_while(node: Node) -> None:
    for number in range(5):
        node.pod(f"p{number}", "a")
    node.broken = {"p2-0": BUSY}
    asking = asks(node)
    answers = look(asking, node)
    assert set(answers.sandbox_details) == {f"p{number}-0" for number in (0, 1, 3, 4)}
    assert answers.failed["p2-0"].why == "device or resource busy"
    assert len(answers.sandboxes) == 5
    node.calls()
    look(asking, node)
    assert node.calls() == STEADY
    node.now += RETRY
    look(asking, node)
    assert node.calls() == [*STEADY, ("inspectp", "p2-0")]
    node.broken = {}
    node.now += RETRY
    answers = look(asking, node)
    assert answers.failed == {}
    assert len(answers.sandbox_details) == 5


def test_one_of_a_hundred_that_fails_costs_few_calls(node: Node) -> None:
    for number in range(100):
        node.pod(f"p{number:03}")
    node.broken = {"p057-0": HUNG}
    answers = look(asks(node), node)
    assert len(answers.sandbox_details) == 99
    assert sum(call[0] == "inspectp" for call in node.calls()) <= 21


def test_a_call_that_does_not_end_is_made_smaller_too() -> None:
    node = a_node(10)
    node.silent = {"p003-0"}
    answers = look(asks(node), node)
    assert len(answers.sandbox_details) == 9
    assert answers.failed["p003-0"].why == "no answer within 5 s, so crictl was killed"


@given(
    st.sets(st.integers(0, 29)),
    st.sets(st.integers(0, 29)),
    st.booleans(),
    st.booleans(),
)
def test_whichever_fail_all_others_are_shown_and_the_calls_are_bounded(
    broken: set[int], gone: set[int], arrays: bool, names_ids: bool
) -> None:
    node = Node(arrays=arrays, names_ids=names_ids)
    ids = [node.pod(f"p{number:02}") for number in range(30)]
    node.broken = {ids[number]: BUSY for number in broken}
    node.gone = {ids[number] for number in gone}
    answers = look(asks(node), node)
    others = {id_ for id_ in ids if id_ not in node.broken and id_ not in node.gone}
    assert set(answers.sandbox_details) == others
    assert {one.id for one in answers.sandboxes} == set(ids) - node.gone
    assert {
        id_ for id_, failure in answers.failed.items() if not failure.vanished
    } == node.broken.keys() - node.gone
    assert sum(call[0] == "inspectp" for call in node.calls()) <= 1 + 20 * len(broken | gone)


def test_what_the_runtime_is_not_sure_of_is_told_and_asked_again_until_it_is() -> None:
    node = a_node(2)
    node.info["p001-0"]["processStatus"] = "unknown"
    asking = asks(node)
    answers = look(asking, node)
    assert answers.failed.keys() == {"p001-0"}
    assert answers.sandbox_details["p001-0"].pid == node.info["p001-0"]["pid"]
    node.calls()
    for _ in range(3):
        look(asking, node)
        assert node.calls() == STEADY
        node.now += RETRY
        look(asking, node)
        assert node.calls() == [*STEADY, ("inspectp", "p001-0")]
    node.info["p001-0"]["processStatus"] = "running"
    node.now += RETRY
    assert look(asking, node).failed == {}


def test_a_sandbox_that_is_not_ready_anyway_is_not_asked_about_for_ever() -> None:
    node = a_node(1)
    node.kill_pause("p000-0")
    node.info["p000-0"]["processStatus"] = "unknown"
    asking = asks(node)
    assert look(asking, node).failed == {}
    node.now += RETRY
    node.calls()
    look(asking, node, node.observe("/run/netns/cni-1"))
    assert node.calls() == STEADY


def test_one_document_with_a_bad_field_is_told_and_the_others_are_read() -> None:
    node = a_node(3)
    node.info["p001-0"]["pid"] = "many"
    answers = look(asks(node), node)
    assert set(answers.sandbox_details) == {"p000-0", "p002-0"}
    assert answers.failed["p001-0"].why == "$[1].info.pid is 'many', expected a whole number"


def test_a_slow_runtime_is_not_asked_for_more_than_there_is_time_for() -> None:
    node = a_node(1)
    node.slowness = 3.0
    for number in range(900):
        node.pod(f"more{number}")
    asking = asks(node)
    answers = look(asking, node)
    assert answers.postponed == len(node.sandboxes) + len(node.containers) - len(answers.sandbox_details)
    assert 0 < len(answers.sandbox_details) < 900
    while answers.postponed:
        answers = look(asking, node)
    assert len(answers.sandbox_details) == 901


def test_details_that_are_younger_than_the_list_are_preferred() -> None:
    node = a_node(1)
    list_before = json.dumps({"items": list(node.sandboxes.values())})
    node.kill_pause("p000-0")
    node.crictl.answers["pods"] = list_before
    answers = look(asks(node), node)
    assert answers.sandboxes[0].state is PodState.NOTREADY


def test_a_list_that_is_younger_than_the_details_is_preferred() -> None:
    node = a_node(1)
    asking = asks(node)
    look(asking, node)
    node.end("p000-0-a-0")
    node.broken = {"p000-0-a-0": HUNG}
    answers = look(asking, node)
    assert answers.containers[0].state is ContainerState.EXITED
    assert answers.container_details["p000-0-a-0"].exit_code is None


def test_a_list_that_goes_on_to_disagree_with_the_details_is_not_asked_about_for_ever() -> None:
    node = a_node(1)
    before = json.dumps({"items": list(node.sandboxes.values())})
    node.kill_pause("p000-0")
    node.crictl.answers["pods"] = before
    asking = asks(node)
    for _ in range(20):
        look(asking, node)
        node.now += RETRY
    assert sum(call[0] == "inspectp" for call in node.calls()) == 1 + MOST_AGAIN


def test_a_sandbox_that_still_starts_is_asked_about_once_more() -> None:
    node = a_node(1)
    node.info["p000-0"]["pid"] = 0
    asking = asks(node)
    look(asking, node)
    node.info["p000-0"]["pid"] = 4711
    node.calls()
    answers = look(asking, node)
    assert ("inspectp", "p000-0") in node.calls()
    assert answers.sandbox_details["p000-0"].pid == 4711
    look(asking, node)
    assert node.calls() == STEADY


def test_the_address_of_a_dead_sandbox_is_asked_for_again_once_its_network_is_gone() -> None:
    node = a_node(1)
    path = "/var/run/netns/cni-1"
    node.info["p000-0"]["cniResult"] = {"Interfaces": {"eth0": {"Sandbox": path}}}
    asking = asks(node)
    node.kill_pause("p000-0")
    look(asking, node, node.observe("/run/netns/cni-1"))
    node.calls()
    assert look(asking, node, node.observe("/run/netns/cni-1")).sandbox_details["p000-0"].addresses == ("10.0.0.1",)
    assert node.calls() == STEADY
    node.status["p000-0"]["network"] = {"ip": ""}
    assert look(asking, node, node.observe()).sandbox_details["p000-0"].addresses == ()
    node.calls()
    look(asking, node, node.observe())
    assert node.calls() == STEADY


def test_a_runtime_that_is_away_is_told_whenever_it_goes() -> None:
    node = a_node(3)
    asking = asks(node)
    look(asking, node)
    node.away = True
    with pytest.raises(CannotLook, match="the runtime is not running"):
        look(asking, node)
    node.away = False
    node.calls()
    look(asking, node)
    assert node.calls() == [("version",), *STEADY]


def test_a_runtime_that_goes_between_list_and_details_is_not_taken_for_many_that_fail() -> None:
    node = a_node(3)
    listed = node.crictl.answers["pods"]()

    def last_words(*_: str) -> Ran:
        node.away = True
        answer: Ran = listed
        return answer

    node.crictl.answers["pods"] = last_words
    node.crictl.answers["ps"] = '{"containers": []}'
    with pytest.raises(CannotLook, match="the runtime is not running"):
        look(asks(node), node)
    assert sum(call[0] == "inspectp" for call in node.calls()) == 1


def test_details_that_are_cut_short_are_told() -> None:
    node = a_node(2)
    node.crictl.answers["inspectp"] = '[{"status": {"id": "p000-0"'
    with pytest.raises(CannotLook, match=r"crictl inspectp.*cut short"):
        look(asks(node), node)


def test_images_are_asked_for_only_when_a_new_one_is_used() -> None:
    node = a_node(2)
    node.crictl.answers["images"] = '{"images": [{"id": "sha256:1", "repoTags": ["web:1"], "size": "4096"}]}'
    asking = asks(node)
    answers = look(asking, node)
    assert answers.images["web:1"].size == 4096
    node.now += SELDOM
    node.container("p000-0", "c")
    node.calls()
    look(asking, node)
    assert node.calls() == [*STEADY, ("inspect", "p000-0-c-0")]
    id_ = node.container("p000-0", "d")
    node.containers[id_]["imageRef"] = "sha256:2"
    look(asking, node)
    assert node.calls()[-1] == ("images",)


def test_images_that_cannot_be_had_are_asked_for_again_after_a_while() -> None:
    node = a_node(1)
    node.crictl.answers["images"] = Ran(1, "", BUSY)
    asking = asks(node)
    assert look(asking, node).images == {}
    look(asking, node)
    assert node.calls().count(("images",)) == 1
    node.now += SELDOM
    look(asking, node)
    assert ("images",) in node.calls()


STATS = {
    "stats": json.dumps(
        {"stats": [{"attributes": {"id": id_}, "memory": {"workingSetBytes": {"value": "4096"}}} for id_ in "ab"]}
    ),
    "statsp": json.dumps(
        {"stats": [{"attributes": {"id": "p000-0"}, "linux": {"memory": {"workingSetBytes": {"value": "8192"}}}}]}
    ),
}


def unseen(node: Node) -> Observation:
    shown = node.observe()
    return replace(shown, processes={1: shown.processes[1]})


def test_what_is_used_is_asked_only_where_the_kernel_does_not_show_it() -> None:
    node = a_node(1)
    asking = asks(node)
    for _ in range(3):
        assert look(asking, node).usages == {}
    assert not {call[0] for call in node.calls()} & {"stats", "statsp"}


def test_what_is_used_by_what_the_kernel_does_not_show_is_asked_for_seldom() -> None:
    node = a_node(1)
    containers = json.loads(STATS["stats"].replace('"a"', '"p000-0-a-0"'))
    node.crictl.answers.update({**STATS, "stats": json.dumps(containers)})
    asking = asks(node)
    assert look(asking, node, unseen(node)).usages == {}
    assert look(asking, node, unseen(node)).usages == {
        "p000-0-a-0": Usage(memory_bytes=4096),
        "p000-0": Usage(memory_bytes=8192),
    }
    node.calls()
    assert len(look(asking, node, unseen(node)).usages) == 2
    assert node.calls() == STEADY
    node.now += SELDOM
    look(asking, node, unseen(node))
    assert node.calls() == [*STEADY, ("stats",), ("statsp",)]


@pytest.mark.parametrize(
    "refusal",
    [
        Ran(3, "", "No help topic for 'statsp'"),
        Ran(1, "", 'time="t" level=fatal msg="rpc error: code = Unimplemented desc = method not implemented"'),
    ],
)
def test_a_runtime_that_does_not_serve_usage_is_not_asked_twice(refusal: Ran) -> None:
    node = a_node(1)
    node.crictl.answers.update({"stats": refusal, "statsp": refusal})
    asking = asks(node)
    for _ in range(4):
        look(asking, node, unseen(node))
        node.now += SELDOM
    assert [call[0] for call in node.calls()].count("stats") == 1


def test_output_of_stats_that_cannot_be_read_hides_nothing() -> None:
    node = a_node(1)
    node.crictl.answers.update({"stats": "{", "statsp": Ran(1, "", HUNG)})
    asking = asks(node)
    look(asking, node, unseen(node))
    assert look(asking, node, unseen(node)).usages == {}
