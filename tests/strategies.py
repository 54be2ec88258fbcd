"""Hypothesis strategies for every type of the model, as it is once text from the machine is harmless."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from pausetui.core.changes import Change, ChangeKind, Event, TimelineLine
from pausetui.core.inventory import ContainerState, PastAttempt, PodState, Restorer, Role, Runtime, Sandbox, Usage
from pausetui.core.namespaces import KINDS, IdentifiedBy, NamespaceId, NamespaceKind, Namespaces
from pausetui.core.observation import LinkState, Node, Problem, ProcessId, Vitals
from pausetui.core.snapshot import Container, ContainerProcess, Pod, PodPin, Sharer, Snapshot, Unclaimed
from pausetui.text import harmless

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

texts: SearchStrategy[str] = st.text(max_size=12).map(harmless)
"""Any text at all, as it is once it has entered the model."""
names = st.one_of(st.sampled_from(["web", "nginx", "sidecar", "[red]", "a\\x1b[2J", "日本", ""]), texts)
moments = st.integers(0, 10**16).map(lambda count: EPOCH + timedelta(microseconds=count))
"""UTC, to the microsecond: finer times are not kept when they are written."""
pids = st.integers(1, 2**22)
counts = st.integers(0, 2**31)
process_ids = st.builds(ProcessId, pids, st.integers(0, 2**63))


def _maybe(strategy: SearchStrategy[Any]) -> SearchStrategy[Any]:
    return st.one_of(st.none(), strategy)


def _few(strategy: SearchStrategy[Any]) -> SearchStrategy[Any]:
    return st.lists(strategy, max_size=2).map(tuple)


def namespaces_of(kind: NamespaceKind) -> SearchStrategy[NamespaceId]:
    """Namespaces of one kind, known by an id of their own or by their generation."""
    inode = st.integers(1, 2**32)
    by_id = st.sampled_from([IdentifiedBy.NS_ID, IdentifiedBy.COOKIE, IdentifiedBy.MNTNS_ID])
    return st.one_of(
        st.builds(NamespaceId, st.just(kind), inode, st.integers(0, 2**64 - 1), by_id),
        st.builds(
            NamespaceId,
            st.just(kind),
            inode,
            st.none(),
            st.just(IdentifiedBy.GENERATION),
            st.integers(0, 9),
        ),
    )


namespace_ids = st.sampled_from(KINDS).flatmap(namespaces_of)
unclaimed = st.builds(
    Unclaimed, namespace_ids, _few(names), _maybe(_few(names)), st.dictionaries(names, pids, max_size=2)
)
namespaces = st.builds(Namespaces, **{kind.value: _maybe(namespaces_of(kind)) for kind in KINDS})
vitals = st.builds(
    Vitals,
    state=st.sampled_from("RSDZTI"),
    rss_bytes=_maybe(st.integers(0, 2**50)),
    cpu_percent=_maybe(st.floats(0, 100_000, allow_nan=False)),
    sockets=_maybe(counts),
)
nodes = st.builds(Node, names, names, names, names)
problems = st.builds(Problem, names, names, names, names)
runtimes = st.builds(Runtime, names, _maybe(names), _maybe(names), names, _few(names))
sandboxes = st.builds(Sandbox, names, _maybe(counts), st.sampled_from(PodState), _maybe(moments), _few(names))
amounts = st.integers(0, 2**50)
usages = st.builds(
    Usage, _maybe(moments), _maybe(st.floats(0, 1e9, allow_nan=False)), _maybe(amounts), _maybe(amounts)
)
past_attempts = st.builds(
    PastAttempt,
    attempt=_maybe(counts),
    runtime_id=_maybe(names),
    pid=_maybe(pids),
    started_at=_maybe(moments),
    finished_at=_maybe(moments),
    exit_code=_maybe(st.integers(-128, 255)),
    reason=_maybe(names),
)
differing = st.lists(namespace_ids, max_size=3, unique_by=lambda one: one.kind).map(tuple)
container_processes = st.builds(
    ContainerProcess,
    process_ids,
    names,
    differing,
    namespace_pids=_few(pids),
    zombie=st.booleans(),
    parent=pids,
)
containers = st.builds(
    Container,
    key=names,
    name=names,
    role=st.sampled_from(Role),
    state=st.sampled_from(ContainerState),
    attempt=_maybe(counts),
    restarts=_maybe(counts),
    runtime_id=_maybe(names),
    sandbox_id=_maybe(names),
    image=_maybe(names),
    process=_maybe(process_ids),
    started_at=_maybe(moments),
    finished_at=_maybe(moments),
    exit_code=_maybe(st.integers(-128, 255)),
    reason=_maybe(names),
    previous=_few(past_attempts),
    processes=_few(container_processes),
    namespaces=namespaces,
    cannot_read=st.booleans(),
    mounts=_few(names),
    evidence=_few(names),
    command=_few(names),
    image_bytes=_maybe(amounts),
    usage=_maybe(usages),
    grace_seconds=_maybe(st.floats(0, 1e6, allow_nan=False)),
    stranded_with=_maybe(_few(names)),
    restart_policy=_maybe(names),
    joins=_maybe(names),
)
kind_tuples = st.lists(st.sampled_from(KINDS), max_size=3, unique=True).map(tuple)
sharers = st.builds(Sharer, process_ids, names, kind_tuples)
link_states = st.builds(LinkState, names, st.sampled_from(["up", "no carrier", "down"]), counts)
pods = st.builds(
    Pod,
    key=names,
    backend=names,
    namespace=names,
    name=names,
    uid=_maybe(names),
    state=st.sampled_from(PodState),
    attempt=_maybe(counts),
    host_network=_maybe(st.booleans()),
    brought_back_by=_maybe(st.sampled_from(Restorer)),
    addresses=_maybe(_few(names)),
    runtime_addresses=_few(names),
    sandboxes=_few(sandboxes),
    pause=_maybe(containers),
    members=_few(containers),
    orphans=_few(names),
    sharers=_few(sharers),
    pins=_few(st.builds(PodPin, st.sampled_from(KINDS), names)),
    note=names,
    runtime_handler=_maybe(names),
    usage=_maybe(usages),
    shares_nothing=st.booleans(),
    links=_maybe(_few(link_states)),
    routes=_maybe(_few(names)),
)


def processes_in(pod: Pod) -> set[ProcessId]:
    """Every process that a pod names: main processes, others of its containers, and sharers."""
    found = {sharer.id for sharer in pod.sharers}
    for container in pod.containers():
        found.update(process.id for process in container.processes)
        if container.process is not None:
            found.add(container.process)
    return found


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    """Snapshots of up to three pods, with vitals for some of their processes."""
    chosen = draw(st.lists(pods, max_size=3).map(tuple))
    known = sorted({process for pod in chosen for process in processes_in(pod)})
    return Snapshot(
        taken_at=draw(moments),
        observed_at=draw(moments),
        inventory_at=draw(_maybe(moments)),
        stale=draw(st.booleans()),
        node=draw(nodes),
        backend=draw(names),
        runtime=draw(runtimes),
        pods=chosen,
        problems=draw(_few(problems)),
        vitals={process: draw(vitals) for process in known if draw(st.booleans())},
        read_only_because=draw(_maybe(names)),
        remarks=draw(_few(names)),
        unclaimed=draw(_few(unclaimed)),
        host=draw(namespaces),
    )


facts = st.one_of(st.none(), st.booleans(), st.integers(), names, _few(names), namespace_ids)
changes = st.builds(
    Change,
    kind=st.sampled_from(ChangeKind),
    pod_key=names,
    pod=names,
    container_key=_maybe(names),
    before=facts,
    after=facts,
    text=names,
)
events = st.builds(
    Event,
    seq=st.integers(1, 2**40),
    at=moments,
    change=changes,
    action_id=_maybe(names),
    seconds_after=_maybe(st.floats(0, 1e6, allow_nan=False)),
    before_you_came=st.booleans(),
)
timeline_lines = st.builds(TimelineLine, events, names, st.integers(1, 10_000), counts)
