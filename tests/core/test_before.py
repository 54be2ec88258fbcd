"""What is told of the time before the program was started."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from pausetui.core.before import before_you_came
from pausetui.core.inventory import ContainerState, PastAttempt, PodState, Sandbox
from pausetui.core.snapshot import Pod
from tests import factories
from tests.factories import NOW


def told(pod: Pod) -> list[str]:
    return [event.change.text for event in before_you_came(factories.snapshot(pod))]


def remade(*addresses: tuple[str, ...]) -> Pod:
    """A pod with a sandbox for each tuple of addresses, the last of them the present one, a minute apart."""
    last = len(addresses) - 1
    sandboxes = tuple(
        Sandbox(
            f"s{place}",
            place,
            PodState.READY if place == last else PodState.NOTREADY,
            NOW - timedelta(minutes=last - place + 1),
            each,
        )
        for place, each in enumerate(addresses)
    )
    return replace(factories.pod(), sandboxes=sandboxes[::-1], members=())


def test_a_pod_in_its_first_sandbox_was_made() -> None:
    assert told(remade(())) == ["sandbox attempt 0 was made"]


def test_a_remade_sandbox_is_told_with_the_old_and_the_new_address_where_the_old_is_still_known() -> None:
    pod = remade(("10.244.1.4",), ("10.244.1.5",))
    assert told(pod)[1] == "new sandbox attempt 1 · IP 10.244.1.4 → 10.244.1.5"


def test_an_old_address_that_nobody_knows_any_more_is_said_to_be_unknown() -> None:
    assert told(remade((), ("10.244.1.5",)))[1].startswith("new sandbox attempt 1 · old address unknown")


def test_a_later_attempt_whose_predecessor_is_forgotten_is_still_a_new_sandbox() -> None:
    pod = replace(remade(()), sandboxes=(Sandbox("s7", 7, PodState.READY, NOW - timedelta(minutes=1)),))
    assert told(pod) == ["new sandbox attempt 7 · old address unknown, then 10.244.1.5"]


def test_ends_and_restarts_of_members_are_told_with_code_and_reason() -> None:
    pod = factories.pod()
    member = replace(
        pod.members[0],
        attempt=1,
        started_at=NOW - timedelta(minutes=2),
        previous=(
            PastAttempt(
                0,
                started_at=NOW - timedelta(minutes=9),
                finished_at=NOW - timedelta(minutes=3),
                exit_code=137,
                reason="OOMKilled",
            ),
        ),
    )
    assert told(replace(pod, sandboxes=(), members=(member,))) == [
        f"{member.name} attempt 0 exited 137 (SIGKILL), OOMKilled",
        f"{member.name} restarted, attempt 1",
    ]


def test_a_member_that_ended_and_stayed_away_is_told() -> None:
    pod = factories.pod()
    member = replace(
        pod.members[0],
        state=ContainerState.EXITED,
        attempt=0,
        finished_at=NOW - timedelta(minutes=3),
        exit_code=0,
        reason="Completed",
    )
    assert told(replace(pod, sandboxes=(), members=(member,))) == [f"{member.name} attempt 0 exited 0, Completed"]


def test_all_of_it_is_marked_and_in_the_order_of_time() -> None:
    events = before_you_came(factories.snapshot(remade((), ("10.244.1.5",), ("10.244.1.6",))))
    assert all(event.before_you_came and event.seq == 0 for event in events)
    assert [event.at for event in events] == sorted(event.at for event in events)


def test_what_is_dated_after_now_is_left_out() -> None:
    pod = replace(remade(()), sandboxes=(Sandbox("s0", 0, PodState.READY, NOW + timedelta(hours=1)),))
    assert told(pod) == []


def test_a_life_so_short_that_it_is_said_to_have_ended_before_it_began_is_told_in_order() -> None:
    pod = factories.pod()
    life = PastAttempt(
        1, started_at=NOW - timedelta(seconds=9), finished_at=NOW - timedelta(seconds=10), exit_code=0
    )
    member = replace(pod.members[0], attempt=2, started_at=NOW, previous=(life,))
    texts = told(replace(pod, sandboxes=(), members=(member,)))
    assert texts[:2] == [f"{member.name} restarted, attempt 1", f"{member.name} attempt 1 exited 0"]
