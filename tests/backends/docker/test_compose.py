"""What Compose made: how its pods are called, and whom members joined that were made before we came."""

from __future__ import annotations

import pytest

from tests.backends.docker.engine import FakeEngine, id_of
from tests.backends.docker.test_grouping import names, only, pods_of


def compose(service: str, number: int = 1, /, **more: str) -> dict[str, str]:
    label = "com.docker.compose."
    told = {"project": "shop", "service": service, "container-number": str(number), **more}
    return {f"{label}{key}": value for key, value in told.items()}


def test_a_compose_pod_is_called_by_project_and_service(engine: FakeEngine) -> None:
    engine.add(1, "shop-vpn-1", labels=compose("vpn"))
    engine.add(2, "shop-app-1", labels=compose("app"), network=f"container:{id_of(1)}")
    engine.add(3, "shop-app-2", labels=compose("app", 2), network=f"container:{id_of(1)}")
    pod = only(pods_of(engine))
    assert (pod.key, pod.namespace, pod.name) == ("shop/vpn", "shop", "vpn")
    assert names(pod) == ("shop-vpn-1", ["app", "app-2"])


GONE = id_of(99)
"""The id of a container that is no more."""
ONLY_VPN = {"depends_on": "vpn:service_healthy:false"}
VPN_AND_DB = {"depends_on": "db:service_started:false,vpn:service_started:true"}


@pytest.mark.parametrize("told", [ONLY_VPN, VPN_AND_DB], ids=["the only one", "the one that restarts it"])
def test_a_service_made_again_before_we_came_is_known_by_composes_labels(
    engine: FakeEngine, told: dict[str, str]
) -> None:
    engine.add(1, "shop-vpn-1", labels=compose("vpn"))
    engine.add(2, "shop-app-1", labels=compose("app", **told), network=f"container:{GONE}")
    pod = only(pods_of(engine))
    assert (pod.key, names(pod)) == ("shop/vpn", ("shop-vpn-1", ["app"]))
    assert pod.pause is not None
    assert "which is gone" in pod.pause.evidence[0]


def test_a_service_that_was_removed_before_we_came_gives_its_pod_the_name(engine: FakeEngine) -> None:
    for number, name in ((2, "app"), (3, "db")):  # each was made at another time, and refers to another vpn
        of = f"container:{id_of(90 + number)}"
        engine.add(number, f"shop-{name}-1", labels=compose(name, **ONLY_VPN), network=of)
    pod = only(pods_of(engine))
    assert (pod.key, pod.namespace, names(pod)) == ("shop/vpn", "shop", (None, ["app", "db"]))


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"depends_on": ""},
        {"depends_on": "vpn:service_started:false,db:service_started:false"},
        {"depends_on": "vpn:service_started:true,db:service_started:true"},
        {"depends_on": "::true"},
    ],
    ids=["nothing", "none", "two", "two that restart it", "no name"],
)
def test_where_compose_does_not_tell_whom_they_joined_nobody_is_taken_for_it(
    engine: FakeEngine, told: dict[str, str]
) -> None:
    engine.add(1, "shop-vpn-1", labels=compose("vpn"))
    engine.add(2, "shop-app-1", labels=compose("app", **told), network=f"container:{GONE}")
    assert {pod.name for pod in pods_of(engine)} == {"vpn", f"container {GONE[:12]}"}


def test_a_service_of_another_project_is_another(engine: FakeEngine) -> None:
    engine.add(1, "other-vpn-1", labels={**compose("vpn"), "com.docker.compose.project": "other"})
    engine.add(2, "shop-app-1", labels=compose("app", **ONLY_VPN), network=f"container:{GONE}")
    assert {pod.key for pod in pods_of(engine)} == {"other/vpn", "shop/vpn"}


def test_what_compose_ran_once_is_called_by_its_own_name(engine: FakeEngine) -> None:
    engine.add(1, "shop-app-run-1", labels=compose("app", oneoff="True"))
    assert only(pods_of(engine)).name == "shop-app-run-1"
