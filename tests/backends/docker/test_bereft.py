"""Members of a container that is gone: they can't start again, and it is said how they are made anew."""

from __future__ import annotations

from contextlib import closing

import pytest

from pausetui.backends.docker.backend import DockerBackend, PodmanBackend
from pausetui.backends.docker.finding import DockerOptions
from pausetui.backends.docker.records import SHARES_NOTHING
from pausetui.core.inventory import PodRecord, PodState
from pausetui.kernel.host import HostRoot
from tests.backends.docker.engine import FakeEngine, id_of
from tests.backends.docker.test_asking import NOTHING
from tests.backends.docker.test_compose import GONE, ONLY_VPN, compose
from tests.backends.docker.test_grouping import only


def pods(engine: FakeEngine) -> tuple[PodRecord, ...]:
    made = PodmanBackend if engine.podman else DockerBackend
    with closing(made(HostRoot(), DockerOptions(host=str(engine.path)), {})) as backend:
        return backend.inventory(NOTHING).pods


def test_they_are_a_pod_that_is_not_ready_and_says_how_they_are_made_anew(engine: FakeEngine) -> None:
    for number, name in ((2, "db"), (3, "app")):
        engine.add(number, name, network=f"container:{GONE}")
    pod = only(pods(engine))
    assert (pod.name, pod.pause, pod.state) == (f"container {GONE[:12]}", None, PodState.NOTREADY)
    assert pod.note == "make anew: docker rm -f app db, then docker run … --network container:NAME …"


def test_only_those_that_refer_to_the_one_before_are_to_be_made_anew(engine: FakeEngine) -> None:
    engine.add(1, "shop-vpn-1", labels=compose("vpn"))
    engine.add(2, "shop-app-1", network=f"container:{id_of(1)}", labels=compose("app"))
    engine.add(3, "shop-web-1", network=f"container:{GONE}", labels=compose("web", **ONLY_VPN))
    pod = only(pods(engine))
    assert (pod.key, pod.state) == ("shop/vpn", PodState.READY)
    assert pod.note == "make anew: docker compose -p shop up -d --force-recreate web"


def test_where_another_has_taken_its_name_it_is_named(podman: FakeEngine) -> None:
    podman.add(1, "shop-vpn-1", labels=compose("vpn"))
    labels = {**compose("app", **ONLY_VPN), "com.docker.compose.service": "a b"}
    podman.add(2, "odd", network=f"container:{GONE}", labels=labels)
    assert only(pods(podman)).note == "make anew: podman compose -p shop up -d --force-recreate 'a b'"


@pytest.mark.parametrize(
    ("files", "where"),
    [
        ("/srv/shop/compose.yml", "-f /srv/shop/compose.yml"),
        ("/srv/a b.yml,/srv/c.yml", "-f '/srv/a b.yml' -f /srv/c.yml"),
        ("", "-p shop"),
    ],
)
def test_what_compose_made_is_made_anew_by_compose(engine: FakeEngine, files: str, where: str) -> None:
    for number, name in ((2, "app"), (3, "web")):
        labels = compose(name, **{"project.config_files": files, **ONLY_VPN})
        engine.add(number, f"shop-{name}-1", network=f"container:{GONE}", labels=labels)
    pod = only(pods(engine))
    assert pod.note == f"make anew: docker compose {where} up -d --force-recreate app web"


def test_a_service_whose_name_would_be_an_option_is_not_put_into_a_command(engine: FakeEngine) -> None:
    labels = {**compose("app", **ONLY_VPN), "com.docker.compose.service": "--pull=always"}
    engine.add(2, "app", network=f"container:{GONE}", labels=labels)
    assert "--pull" not in only(pods(engine)).note


def test_those_in_a_ring_are_not_told_that_somebody_is_gone(engine: FakeEngine) -> None:
    engine.add(1, "one", network=f"container:{id_of(2)}")
    engine.add(2, "two", network=f"container:{id_of(1)}")
    assert {pod.note for pod in pods(engine)} == {SHARES_NOTHING}


def test_whoever_joined_one_that_is_there_says_nothing(engine: FakeEngine) -> None:
    engine.add(1, "web")
    engine.add(2, "app", network=f"container:{id_of(1)}")
    engine.add(3, "db", network="container:web")
    engine.add(4, "debug", network="container:db")
    pod = only(pods(engine))
    assert pod.note == ""
    assert [one.joins for one in pod.members] == [id_of(1), id_of(1), id_of(3)]
