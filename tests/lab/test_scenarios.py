from __future__ import annotations

import pytest

from pausetui.errors import UsageError
from pausetui.lab.programs import PROGRAMS
from pausetui.lab.scenarios import DEFAULT, SCENARIOS, PodSpec, chosen

ALL = list(SCENARIOS.values())


def test_none_asked_for_means_the_default_ones() -> None:
    assert tuple(pod.name for pod in chosen([])) == DEFAULT


def test_each_is_made_once_in_the_order_asked_for() -> None:
    assert [pod.name for pod in chosen(["mesh", "web", "mesh"])] == ["mesh", "web"]


def test_an_unknown_one_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"'ebw'.*Choose from: web, sidecar, mesh, init, shared-pid, no-pause"):
        chosen(["web", "ebw"])


@pytest.mark.parametrize("pod", ALL, ids=lambda pod: pod.name)
def test_every_member_runs_a_program_that_there_is(pod: PodSpec) -> None:
    for member in pod.members:
        assert member.program[0] in PROGRAMS
        assert all(option.startswith("--") and "=" in option for option in member.program[1:])


@pytest.mark.parametrize("pod", ALL, ids=lambda pod: pod.name)
def test_every_name_fits_where_the_kernel_keeps_it(pod: PodSpec) -> None:
    assert len(pod.name) <= 63, "a hostname label"
    assert all(len(member.name) <= 15 for member in pod.members), "comm"
    assert len({member.name for member in pod.members}) == len(pod.members)


def test_no_image_has_the_name_of_a_real_one() -> None:
    assert all(member.image.startswith("lab/") for pod in ALL for member in pod.members)


def test_no_init_container_in_a_pod_without_a_pause() -> None:
    assert not [pod.name for pod in ALL if not pod.pause and any(member.init for member in pod.members)]
