"""What can be wrong with a pod and its members."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from datetime import timedelta

from pausetui.core.actions import ActionKind
from pausetui.core.backoff import waits_longer_each_time
from pausetui.core.doctor.finding import Examined, Finding, FindingId
from pausetui.core.doctor.sandboxes import crictl, newest
from pausetui.core.doing import SHORT_ID, command_for, is_bereft, is_left_down
from pausetui.core.inventory import ContainerState, PodState, Restorer
from pausetui.core.namespaces import POD_KINDS, NamespaceKind
from pausetui.core.restarts import restarts_since
from pausetui.core.snapshot import Container, Pod, Snapshot
from pausetui.core.trouble import has_another_address
from pausetui.core.wording import addresses, exit_words

LOOP_RESTARTS = 3
LOOP_WITHIN = timedelta(minutes=10)


def orphan_members(examined: Examined) -> Iterator[Finding]:
    """A member in another network namespace than its pod's."""
    for pod in examined.pods:
        older = {one.id for one in pod.sandboxes[1:] if one.state is PodState.READY}
        for member in pod.members:
            if member.key not in pod.orphans or member.sandbox_id in older:
                continue  # one of an older sandbox is where it belongs: two Ready ones are told of themselves
            own = member.namespaces.net
            where, next_step, command = _network_it_should_be_in(examined.snapshot, pod, member)
            left = f", with {', '.join(member.stranded_with)}" if member.stranded_with else ""
            yield Finding(
                FindingId.ORPHAN_MEMBER,
                member.key,
                f"{pod.title} {member.name}",
                f"{member.name} is left in a network namespace that is not its pod's: it has lost the pod's "
                "address, its localhost and whatever listens there.",
                (f"{member.name} is in {own.label if own else 'another network namespace'}{left}", where),
                next_step,
                command,
            )


def _network_it_should_be_in(snapshot: Snapshot, pod: Pod, member: Container) -> tuple[str, str, str]:
    """Where the pod is, how the member gets there, and the command."""
    if member.joins is not None and is_bereft(pod, member):
        gone = f"the container whose network it joined is gone ({member.joins[:SHORT_ID]})"
        return gone, f"{pod.note or 'make it anew'} (it refers to that by its id, and cannot start again)", ""
    if member.joins is not None and pod.pause is not None and pod.pause.process is None:
        ended = f"{pod.pause.name}, whose network it joined, has ended, and its address went with it"
        steps = (ActionKind.START_SANDBOX, ActionKind.REJOIN)
        known = snapshot.abilities.all.issuperset(steps)
        command = " && ".join(command_for(step, snapshot, pod, pod.pause) for step in steps) if known else ""
        return ended, f"start {pod.pause.name}, then restart {member.name}: it joins the new network", command
    net = pod.net
    where = f"the pod is in {net.label if net else 'none'}, with {addresses(pod.addresses)}"
    command = command_for(ActionKind.RESTART_MEMBER, snapshot, pod, member)
    if pod.brought_back_by is not Restorer.NOBODY or ActionKind.REJOIN in snapshot.abilities.all:
        return where, "restart it: started again it joins the pod's network", command
    return where, f"start {member.name} again: it joins the pod's present network", command


def members_left_down(examined: Examined) -> Iterator[Finding]:
    """A member that its restart policy could not start again while its pause was down, and the pause runs."""
    for pod in examined.pods:
        if pod.pause is None or pod.pause.state is not ContainerState.RUNNING:
            continue  # that is what is wrong
        for member in pod.members:
            before = examined.before.container(member.key)
            if not is_left_down(pod, member) or before is None or not is_left_down(*before):
                continue
            who = examined.snapshot.runtime.name.capitalize()
            tried = f"{who} tried: {member.start_error}" if member.start_error else "it ended before that started"
            yield Finding(
                FindingId.MEMBER_LEFT_DOWN,
                member.key,
                f"{pod.title} {member.name}",
                f"{member.name} is down, though its restart policy ({member.restart_policy}) says to start it "
                f"again: it ended while {pod.pause.name} was down, and {who} does not make up for that.",
                (f"{pod.pause.name}, which it needs to start, runs now", tried),
                f"start {member.name}",
                command_for(ActionKind.START_MEMBER, examined.snapshot, pod, member),
            )


def stale_addresses(examined: Examined) -> Iterator[Finding]:
    """The runtime says one address, the network namespace has another or none."""
    for pod in examined.pods:
        if not has_another_address(pod):
            continue
        again = "nobody makes it" if pod.brought_back_by is Restorer.NOBODY else "it is made"
        yield Finding(
            FindingId.STALE_ADDRESS,
            pod.key,
            pod.title,
            "The runtime gives out an address that the pod does not have. Whoever asks it sends traffic nowhere.",
            (
                f"{examined.snapshot.runtime.name} says {addresses(pod.runtime_addresses)}",
                f"the kernel has {addresses(pod.addresses)}",
            ),
            f"stop the sandbox: {again} again, with a network of its own",
            crictl(examined.snapshot, "stopp", *newest(pod)),
        )


def missing_sharing(examined: Examined) -> Iterator[Finding]:
    """A member that is in another ipc or uts namespace than its pause, where runtimes make them share."""
    if examined.snapshot.backend not in ("crictl", "lab"):
        return  # Docker gives members a uts of their own
    for pod in examined.pods:
        for member in pod.members:
            apart = _apart(pod, member)
            if apart:
                yield Finding(
                    FindingId.NAMESPACE_NOT_SHARED,
                    member.key,
                    f"{pod.title} {member.name}",
                    f"{member.name} is not in its pod's {' and '.join(apart)} namespace: what members share by it "
                    "(System V IPC, the hostname) is not shared with this one.",
                    tuple(_pair(pod, member, kind) for kind in apart),
                    "restart it: started again it joins its pod's namespaces, unless it was told not to",
                    command_for(ActionKind.RESTART_MEMBER, examined.snapshot, pod, member),
                )


def crash_loops(examined: Examined) -> Iterator[Finding]:
    """A member that ends again and again, in one and the same sandbox."""
    now = examined.snapshot.taken_at
    for pod in examined.pods:
        for member in pod.members:
            last = member.started_at or member.finished_at
            count = restarts_since(member, pod.pause)
            if count is None or count.number < LOOP_RESTARTS or last is None or now - last > LOOP_WITHIN:
                continue
            waits = ", and waits longer before each restart" if waits_longer_each_time(pod) else ""
            ended = member.state is ContainerState.EXITED
            codes = [member.exit_code] if ended else [life.exit_code for life in member.previous[:1]]
            if not any(codes):
                continue
            yield Finding(
                FindingId.CRASH_LOOP,
                member.key,
                f"{pod.title} {member.name}",
                f"{member.name} ends again and again{waits}.",
                (
                    f"{count.text} restarts in this sandbox, the last in {LOOP_WITHIN.seconds // 60} min",
                    *(f"last exit {exit_words(code)}" for code in codes if code is not None),
                ),
                "see what it said before it ended",
                _logs(examined.snapshot, member),
            )


def _apart(pod: Pod, member: Container) -> tuple[NamespaceKind, ...]:
    if pod.pause is None or member.state is not ContainerState.RUNNING or member.key in pod.orphans:
        return ()
    found = []
    for kind in POD_KINDS:
        own, pods = member.namespaces.get(kind), pod.pause.namespaces.get(kind)
        if own is not None and pods is not None and own != pods:
            found.append(kind)
    return tuple(found)


def _pair(pod: Pod, member: Container, kind: NamespaceKind) -> str:
    own = member.namespaces.get(kind)
    pods = pod.pause.namespaces.get(kind) if pod.pause else None
    return f"{kind}: {member.name} {own.inode if own else '?'}, pause {pods.inode if pods else '?'}"


def _logs(snapshot: Snapshot, member: Container) -> str:
    if not snapshot.runtime.command or member.runtime_id is None:
        return ""
    return shlex.join((*snapshot.runtime.command, "logs", "--tail", "50", member.runtime_id[:SHORT_ID]))
