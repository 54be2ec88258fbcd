"""What a pause container is, statement by statement, each beside what is measured here. Pure.

The statements are the usual ones about pause containers (P1 to P17); "here" is this very pod, and where
reality differs from the statement, it says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, tzinfo

from pausetui.core.anchor import is_plain_engines, restored_by, what_ends_with_pause
from pausetui.core.inventory import ContainerState, Restorer, Role
from pausetui.core.namespaces import NamespaceKind
from pausetui.core.prose import BLANK, Entry, clock, heading, listed, memory, percent, quiet
from pausetui.core.sharing import held_kinds, holders, under_pause
from pausetui.core.snapshot import Pod, Snapshot
from pausetui.core.tabs.overview import pause_costs
from pausetui.core.tabs.shell import commands
from pausetui.core.wording import addresses, attempt, plural

Here = Callable[[Snapshot, Pod, tzinfo | None], str]


def entries(snapshot: Snapshot, pod: Pod, zone: tzinfo | None = None) -> tuple[Entry, ...]:
    """Every statement, each with what is true of it in this pod."""
    return (
        heading("What is said about pause containers, and what is so here"),
        BLANK,
        *(
            entry
            for number, what, here in STATEMENTS
            for entry in _statement(number, what, here(snapshot, pod, zone))
        ),
    )


def _statement(number: str, what: str, here: str) -> Iterator[Entry]:
    yield quiet(what, f"{number:<3}")
    yield Entry(here, "    here")
    yield BLANK


def _first(snapshot: Snapshot, pod: Pod, zone: tzinfo | None) -> str:
    pause = pod.pause
    if pause is None:
        return "This pod has no pause container. CRI-O leaves it out unless the pid namespace is shared."
    started = [one.started_at for one in pod.members if one.started_at is not None]
    if pause.started_at is None or not started:
        return "The start times are not known."
    first = min(started)
    times = f"pause started at {clock(pause.started_at, zone)}, the first of its members at {clock(first, zone)}"
    return f"{times}: {'as said' if _not_after(pause.started_at, first) else 'it is not the first'}."


def _not_after(one: datetime, other: datetime) -> bool:
    return (one - other).total_seconds() < 1


def _holds(snapshot: Snapshot, pod: Pod, zone: tzinfo | None) -> str:
    if pod.host_network:
        return "It is in the host's network, and so are its members."
    net = pod.net
    if net is None:
        return "Its namespaces can't be read."
    held = holders(pod, net)
    kinds = ", ".join(held_kinds(pod, snapshot.host))
    pins = f" The network namespace is also pinned at {listed(list(held.pins), 2)}." if held.pins else ""
    names = listed(list(held.containers))
    if pod.pause is None:
        end = pins or " It ends with the last of them."
        return f"No pause holds anything here; net {net.inode} is held by {names}.{end}"
    pid = " The pid namespace is shared too." if under_pause(pod) else " The pid namespace is not shared."
    apart = (
        " Each has a uts namespace of its own: a container engine shares that with nobody."
        if (is_plain_engines(pod) and NamespaceKind.UTS not in held_kinds(pod, snapshot.host))
        else ""
    )
    return (
        f"pause holds {kinds or 'nothing that can be seen'}; net {net.inode} is held by {names}.{pins}{pid}{apart}"
    )


def _shares_address(snapshot: Snapshot, pod: Pod, zone: tzinfo | None) -> str:
    if pod.host_network:
        return "This pod uses the host's network: it has no address of its own."
    net = pod.net
    inside = [one.name for one in pod.members if net is not None and one.namespaces.net == net]
    told = addresses(pod.addresses)
    if len(inside) < 2:
        return f"Its address is {told}; {listed(inside) or 'no member'} uses it."
    return f"{listed(inside)} share {told}, one set of ports, and localhost; P on one of them tries whose that is."


def _orphans(pod: Pod) -> list[str]:
    return [one.name for one in pod.members if one.key in pod.orphans]


def _without(snapshot: Snapshot, pod: Pod, zone: tzinfo | None) -> str:
    orphans = _orphans(pod)
    if orphans:
        kept = f"{listed(orphans)} kept another network namespace than the pod's: this is what it looks like"
        return f"{kept}. P on it shows that its localhost is another one."
    if pod.pause is None:
        return "No pause here: when the member that made the network ends, the others keep the old one, empty."
    return "pause made the namespaces, so no member has to. In the lab, the scenario no-pause shows the other case."


def _with(snapshot: Snapshot, pod: Pod, zone: tzinfo | None) -> str:
    known = [one.restarts for one in pod.members if one.restarts is not None]
    restarts = sum(known)
    if pod.members and not known:
        return "How often members were restarted is not known: this backend does not count it."
    if pod.pause is None:
        kept = f"; {listed(_orphans(pod))} kept the old network" if pod.orphans else ""
        return (
            f"There is no pause: {plural(restarts, 'restart')} of members, and each may change the network{kept}."
        )
    if not restarts:
        return "No member was restarted yet; r restarts one, and the timeline says what stays."
    same = not pod.orphans and pod.pause.state is ContainerState.RUNNING
    stayed = "and all of them are in pause's network namespace" if same else "but not all are in pause's namespace"
    return f"{plural(restarts, 'restart')} of members, {stayed}; the address is {addresses(pod.addresses)}."


def _tiny(snapshot: Snapshot, pod: Pod, zone: tzinfo | None) -> str:
    pause = pod.pause
    vitals = snapshot.vitals_of(pause) if pause else None
    if pause is None:
        return "There is no pause here to measure."
    if vitals is None:
        return "It was not measured."
    inner = pause.processes[0].inner_pid if pause.processes else None
    reaps = " It is pid 1 of the shared pid namespace, so it also reaps zombies." if under_pause(pod) else ""
    seen = f" It calls itself pid {inner}." if inner is not None and not reaps else ""
    return f"{memory(vitals.rss_bytes)} of memory, {percent(vitals.cpu_percent)} of a core.{reaps}{seen}"


def _destroyed(snapshot: Snapshot, pod: Pod, zone: tzinfo | None) -> str:
    restorer = restored_by(pod)
    if pod.pause is None:
        return f"There is no pause whose end would be the pod's: it ends with its last member; {restorer}."
    if is_plain_engines(pod):
        return f"Not here, without a kubelet: if {pod.pause.name} ends, {what_ends_with_pause(pod)}; {restorer}."
    times = pod.attempt
    past = f"The sandbox was remade {plural(times, 'time')}." if times else "It was never remade."
    if times is None:
        past = "Whether it was ever remade is not known."
    nobody = pod.brought_back_by is Restorer.NOBODY
    return (
        f"{past} If pause ends, {restorer}{'' if nobody else ', as the next attempt'}; the pod's name and uid stay."
    )


def _sidecar(snapshot: Snapshot, pod: Pod, zone: tzinfo | None) -> str:
    shared = sorted({mount.partition(":")[0] for one in pod.members for mount in one.mounts})
    users = [one.name for one in pod.members if one.mounts]
    if not shared:
        return "No shared volume is known in this pod."
    return f"{listed(users)} share {plural(len(shared), 'volume')}: {listed(shared)}."


def _mesh(snapshot: Snapshot, pod: Pod, zone: tzinfo | None) -> str:
    if pod.host_network:
        return "Rules would be the host's own here."
    command = next((one.text for one in commands(snapshot, pod, None) if "nsenter" in one.text), "")
    rules = command.replace("ip addr", "nft list ruleset")
    whose = "that pause holds" if pod.pause is not None else "of its members"
    return f"Packet rules live in the namespace {whose}; to see them: {rules}" if rules else "Not known."


def _init(snapshot: Snapshot, pod: Pod, zone: tzinfo | None) -> str:
    inits = [one for one in pod.members if one.role is Role.INIT]
    if not inits:
        return "This pod has no init container."
    done = [one.name for one in inits if one.state is ContainerState.EXITED and one.exit_code == 0]
    stayed = "; net and ipc stayed pause's meanwhile" if pod.pause is not None else ""
    return f"{plural(len(inits), 'init container')}, {len(done)} done{stayed}."


def _commands(snapshot: Snapshot, pod: Pod, zone: tzinfo | None) -> str:
    return "crictl ps and kubectl never list it; crictl pods and crictl inspectp ID do. Tab 5 has what works."


def _image(snapshot: Snapshot, pod: Pod, zone: tzinfo | None) -> str:
    if pod.pause is None:
        return "There is no pause here."
    image = pod.pause.image
    size = f", {memory(pod.pause.image_bytes)}" if pod.pause.image_bytes is not None else ""
    return f"This pod's pause comes from {image}{size}." if image else "This backend does not tell the image."


def _hidden(snapshot: Snapshot, pod: Pod, zone: tzinfo | None) -> str:
    pid = pod.pause.process.pid if pod.pause and pod.pause.process else None
    return f"It is process {pid} of this machine; ps {pid} shows it." if pid else "No pause process is known here."


def _costs(snapshot: Snapshot, pod: Pod, zone: tzinfo | None) -> str:
    count, size, cpu = pause_costs(snapshot)
    return f"{plural(count, 'pause')} on this node use {memory(size)} and {percent(cpu)} of a core together."


def _deletable(snapshot: Snapshot, pod: Pod, zone: tzinfo | None) -> str:
    members = [one.name for one in pod.members if one.state is ContainerState.RUNNING]
    if pod.pause is None:
        return "There is none to delete."
    lost = f"{listed(members)} would end with the pod" if members else "no member is running"
    return f"ctrl+d says what would happen before it does: {lost}, and {addresses(pod.addresses)} would be gone."


def _own(snapshot: Snapshot, pod: Pod, zone: tzinfo | None) -> str:
    other = next((one for one in snapshot.pods if one.key != pod.key and one.net not in (None, pod.net)), None)
    if pod.host_network:
        return "This is the exception: a hostNetwork pod shares the host's network."
    if other is None or other.net is None or pod.net is None:
        return "There is no second pod here to hold it against."
    return f"{pod.title} has {pod.net.label}, {other.title} has {other.net.label}."


def _sum(snapshot: Snapshot, pod: Pod, zone: tzinfo | None) -> str:
    kinds = ", ".join(held_kinds(pod, snapshot.host)) or "nothing"
    known = [one.restarts for one in pod.members if one.restarts is not None]
    restarts = f"{plural(sum(known), 'restart')} of members" if known else "restarts of members not known"
    vitals = snapshot.vitals_of(pod.pause) if pod.pause else None
    size = memory(vitals.rss_bytes) if vitals else "unknown"
    return (
        f"holds {kinds} · {addresses(pod.addresses)} · {attempt('sandbox', pod.attempt)} · "
        f"{restarts} · {size}. The tab Overview has it in full."
    )


STATEMENTS: tuple[tuple[str, str, Here], ...] = (
    ("P1", "The pause container is the first container of every pod and its root.", _first),
    ("P2", "It creates and holds the network, IPC and UTS namespaces; the members share them.", _holds),
    ("P3", "Members share one IP address, the interfaces and the ports; they meet at localhost.", _shares_address),
    ("P4", "Without it, a restarted member would take the network and the address with it.", _without),
    ("P5", "With it, members crash and restart independently; namespaces and address stay.", _with),
    ("P6", "It is tiny: about 0.5 MiB of memory and no CPU.", _tiny),
    ("P7", "When pause ends, the pod is destroyed and made again; members restarting do not touch it.", _destroyed),
    ("P8", "Sidecar: a log collector goes on reading while the app restarts.", _sidecar),
    ("P9", "Service mesh: a proxy intercepts the traffic in the pod's network; the app need not know.", _mesh),
    ("P10", "Init containers prepare files; network and IPC namespaces stay the same meanwhile.", _init),
    ("P11", "It is found with crictl pods, crictl ps, docker ps, kubectl get pod.", _commands),
    ("P12", "Its image is registry.k8s.io/pause, 3.9 and earlier; 3.10 exists since.", _image),
    ("P13", "Why can't I see it? kubectl hides it; the runtime's own commands show it.", _hidden),
    ("P14", "Does it cost performance? Hardly.", _costs),
    ("P15", "May I delete it? Not by hand: that destroys the whole pod.", _deletable),
    ("P16", "Do pods share a pause container? No, each has its own.", _own),
    ("P17", "In sum: holder of namespaces, base of the network, anchor, decoupling, next to no cost.", _sum),
)
