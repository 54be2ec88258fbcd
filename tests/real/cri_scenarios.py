"""The pods of the recordings, and any number of others."""

from __future__ import annotations

from tests.real.cri_specs import Member, PodSpec, pod


def web() -> PodSpec:
    """A web server, and a sidecar that asks it on localhost."""
    serve = Member("nginx", "echo hello > /www/index.html; exec httpd -f -p 80 -h /www")
    ask = Member("sidecar", "while true; do wget -q -O- localhost:80; sleep 5; done")
    return pod("web", serve, ask)


def api() -> PodSpec:
    """An init container that has ended, and one process namespace for all."""
    return pod("api", Member("init", "echo ready", init=True), Member("api"), namespace="shop", shared_pid=True)


def node_agent() -> PodSpec:
    return pod("node-agent", Member("agent"), namespace="kube-system", host_network=True, source="file")


def crashy() -> PodSpec:
    """A container that fails after a second, again and again if somebody restarts it."""
    return pod("crashy", Member("crasher", "sleep 1; exit 3"))


def load(number: int) -> list[PodSpec]:
    """That many pods of three containers each that do nothing."""
    members = (Member("a"), Member("b"), Member("c"))
    return [pod(f"load-{each:03}", *members, namespace="load") for each in range(1, number + 1)]
