"""Snapshots for tests, with fixed ids and a fixed clock. One pod is ``default/web``, of nginx and a sidecar."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pausetui.core.inventory import ContainerState, PodState, Restorer, Role, Runtime, Sandbox
from pausetui.core.keys import container_key
from pausetui.core.namespaces import KINDS, POD_KINDS, IdentifiedBy, NamespaceId, NamespaceKind, Namespaces
from pausetui.core.observation import Node, Observation, Process, ProcessId, Vitals
from pausetui.core.snapshot import Container, ContainerProcess, Pod, Snapshot

NOW = datetime(2026, 3, 14, 14, 5, 0, tzinfo=UTC)
NODE = Node(hostname="node1", kernel="6.18.0", boot_id="0b1c2d3e-0000-4000-8000-000000000001", pausetui="0.1.0")
RUNTIME = Runtime(name="lab", version="0.1.0", endpoint="@pausetui-lab")


def ns(kind: NamespaceKind, number: int) -> NamespaceId:
    """A namespace with a stable inode and id made from ``number``."""
    return NamespaceId(kind, 4026532000 + number, 7000 + number, IdentifiedBy.NS_ID)


def namespaces(base: int = 0, **other: int) -> Namespaces:
    """All eight kinds numbered ``base`` + 0…7; ``net=100`` replaces one by number."""
    chosen = {kind.value: ns(kind, other.get(kind.value, base + place)) for place, kind in enumerate(KINDS)}
    return Namespaces(**chosen)


HOST = namespaces(900)


def member_namespaces(pause: Namespaces, base: int) -> Namespaces:
    """A member's: net, ipc and uts of its pause, user, cgroup and time of the host, the others its own."""
    own = namespaces(base)
    return replace(
        own,
        **{kind.value: pause.get(kind) for kind in POD_KINDS},
        user=HOST.user,
        cgroup=HOST.cgroup,
        time=HOST.time,
    )


def container(
    pod_key: str,
    name: str,
    role: Role = Role.MEMBER,
    *,
    pid: int | None = 100,
    spaces: Namespaces | None = None,
    attempt: int = 0,
    state: ContainerState = ContainerState.RUNNING,
    image: str = "lab/web",
) -> Container:
    process = ProcessId(pid, pid * 10) if pid is not None else None
    return Container(
        key=container_key(pod_key, role, name),
        name=name,
        role=role,
        state=state,
        attempt=attempt,
        restarts=attempt,
        runtime_id=f"{pod_key}-{name}-{attempt}",
        sandbox_id=f"{pod_key}-sandbox-0",
        image=image,
        process=process,
        started_at=NOW - timedelta(minutes=3),
        processes=(ContainerProcess(process, name, namespace_pids=(process.pid, 1)),) if process else (),
        namespaces=spaces or namespaces(pid or 0),
        command=(f"/bin/{name}",),
    )


def pod(
    name: str = "web",
    *,
    namespace: str = "default",
    base: int = 10,
    pid: int = 1000,
    address: str = "10.244.1.5",
    members: tuple[str, ...] = ("nginx", "sidecar"),
    attempt: int = 0,
) -> Pod:
    key = f"uid-{namespace}-{name}"
    spaces = replace(namespaces(base), user=HOST.user, cgroup=HOST.cgroup, time=HOST.time)
    pause = container(key, "pause", Role.PAUSE, pid=pid, spaces=spaces, attempt=attempt, image="lab/pause")
    return Pod(
        key=key,
        backend="lab",
        namespace=namespace,
        name=name,
        uid=key,
        state=PodState.READY,
        attempt=attempt,
        host_network=False,
        brought_back_by=Restorer.LAB,
        addresses=(address,),
        runtime_addresses=(address,),
        sandboxes=(Sandbox(f"{key}-sandbox-{attempt}", attempt, PodState.READY, NOW - timedelta(minutes=3)),),
        pause=pause,
        members=tuple(
            container(key, member, pid=pid + 1 + place, spaces=member_namespaces(spaces, base + 40 + 10 * place))
            for place, member in enumerate(members)
        ),
    )


def snapshot(*pods: Pod, seconds: float = 0.0) -> Snapshot:
    """A snapshot of these pods (two, if none are given), ``seconds`` after NOW."""
    chosen = pods or (pod(), pod("api", namespace="shop", base=200, pid=2000, address="10.244.1.6"))
    moment = NOW + timedelta(seconds=seconds)
    vitals = {
        process.id: Vitals("S", 700_000 if one.role is Role.PAUSE else 11_000_000, 0.0, sockets=0)
        for each in chosen
        for one in each.containers()
        for process in one.processes
    }
    return Snapshot(
        taken_at=moment,
        observed_at=moment,
        inventory_at=moment,
        stale=False,
        node=NODE,
        backend="lab",
        runtime=RUNTIME,
        pods=tuple(sorted(chosen, key=lambda each: each.title)),
        vitals=vitals,
        host=HOST,
    )


def own_kinds(observation: Observation, process: Process) -> tuple[NamespaceKind, ...]:
    """The kinds in which a process is known not to be in the host's namespace."""
    return tuple(one.kind for one in process.namespaces.known() if not observation.is_hosts(one))
