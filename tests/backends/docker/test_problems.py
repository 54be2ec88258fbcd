"""What is said beside the pods: members that can't start again, and how they are made anew."""

from __future__ import annotations

from contextlib import closing

import pytest

from pausetui.backends.docker.backend import DockerBackend
from pausetui.backends.docker.finding import DockerOptions
from pausetui.core.observation import Problem
from pausetui.kernel.host import HostRoot
from tests.backends.docker.engine import FakeEngine, id_of
from tests.backends.docker.test_asking import NOTHING
from tests.backends.docker.test_grouping import GONE, ONLY_VPN, UID, compose


def problems(engine: FakeEngine) -> tuple[Problem, ...]:
    with closing(DockerBackend(HostRoot(), DockerOptions(host=str(engine.path)), {})) as backend:
        return backend.inventory(NOTHING).problems


def test_members_of_a_container_that_is_gone_are_told_with_its_id_and_how_to_make_them_anew(
    engine: FakeEngine,
) -> None:
    for number, name in ((2, "app"), (3, "db")):
        engine.add(number, name, network=f"container:{GONE}")
    (problem,) = problems(engine)
    assert problem == Problem(
        f"container {GONE[:12]}",
        "app, db can't be started again",
        f"the container is gone whose network they joined ({GONE[:12]})",
        "make anew: docker rm -f app db, then docker run … --network container:NAME …",
    )


def test_members_that_refer_to_the_one_before_are_told_though_there_is_a_new_one(engine: FakeEngine) -> None:
    engine.add(1, "vpn")
    engine.add(2, "app", network=f"container:{id_of(1)}")
    engine.add(3, "db", network=f"container:{GONE}", labels={})
    engine.add(4, "shop-vpn-1", labels=compose("vpn"))
    engine.add(5, "shop-web-1", network=f"container:{GONE}", labels=compose("web", **ONLY_VPN))
    told = {problem.subject: problem for problem in problems(engine)}
    assert sorted(told) == [f"container {GONE[:12]}", "shop/vpn"]
    assert told["shop/vpn"].what == "web can't be started again"


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
    (problem,) = problems(engine)
    assert problem.next == f"make anew: docker compose {where} up -d --force-recreate app web"


def test_members_of_kubelet_are_made_anew_by_it(engine: FakeEngine) -> None:
    engine.add(2, f"k8s_nginx_web_default_{UID}_1", network=f"container:{GONE}")
    (problem,) = problems(engine)
    assert problem.what == "nginx can't be started again", "no kubelet runs here"


def test_whoever_joined_one_that_is_there_is_not_told(engine: FakeEngine) -> None:
    engine.add(1, "web")
    engine.add(2, "app", network=f"container:{id_of(1)}")
    engine.add(3, "db", network="container:web")
    assert problems(engine) == ()
