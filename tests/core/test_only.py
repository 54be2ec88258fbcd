from dataclasses import replace

from pausetui.core.changes import Change, ChangeKind
from pausetui.core.observation import Problem
from pausetui.core.only import is_of_namespace, only_namespace
from tests import factories


def about(key: str) -> Problem:
    return Problem(key, "what", "why", "")


def change(pod: str, pod_key: str) -> Change:
    return Change(ChangeKind.POD_GONE, pod_key, pod, None, None, None, "gone")


def test_only_pods_of_the_namespace_are_left() -> None:
    assert [pod.title for pod in only_namespace(factories.snapshot(), "shop").pods] == ["shop/api"]


def test_without_a_namespace_nothing_is_left_out() -> None:
    assert only_namespace(factories.snapshot(), None) == factories.snapshot()


def test_problems_of_other_pods_and_their_containers_go_with_them() -> None:
    web, api = factories.pod(), factories.pod("api", namespace="shop")
    kept = (about("kernel"), about(api.key), about(api.members[0].key))
    snapshot = replace(factories.snapshot(web, api), problems=(about(web.key), about(web.members[0].key), *kept))
    assert only_namespace(snapshot, "shop").problems == kept


def test_a_change_of_a_pod_of_another_namespace_is_left_out() -> None:
    assert is_of_namespace(change("shop/api", "k"), "shop")
    assert not is_of_namespace(change("shopping/api", "k"), "shop")
    assert not is_of_namespace(change("shop", "k"), "shop")


def test_a_change_of_no_pod_belongs_to_every_namespace() -> None:
    assert is_of_namespace(change("", ""), "shop")
