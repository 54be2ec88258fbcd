"""Plays kubelet: keeps given pods alive on a runtime, in kubelet's order of steps, under kubelet's name.

``python -m tests.real.cri_kubelet SOCKET CGROUPS PODS``, on the node itself; PODS is a file, see ``Orders``. Like
kubelet it asks the runtime once a second what there is (the PLEG's relist), and works on each pod on its own:

* The newest sandbox is not ready: its members are stopped with the pod's grace period, then it is stopped
  itself, and the next attempt begins: a new sandbox, the init containers one after the other, the members.
* A member has ended: the next attempt in the same sandbox; the first time at once, then 10, 20, 40 s after its end.
* Of each container the newest dead one is kept; a sandbox that is not the newest goes when it has no container.
"""

from __future__ import annotations

import ctypes
import json
import sys
import time
from collections import defaultdict
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import grpc
from cri_api import Container, ContainerState, PodSandbox, PodSandboxState

from tests.real.cri_client import Node, RunningPod
from tests.real.cri_specs import Member, PodSpec, sandbox_config

WORKERS = 8
LONGEST_BACKOFF = 300.0
PR_SET_NAME = 15


@dataclass(frozen=True, slots=True)
class Orders:
    """What to do: these pods, back-off from ``backoff`` seconds on, and a look each ``relist`` seconds."""

    pods: tuple[PodSpec, ...]
    backoff: float = 10.0
    relist: float = 1.0

    def to_json(self) -> str:
        pods = [spec.to_json() for spec in self.pods]
        return json.dumps({"pods": pods, "backoff": self.backoff, "relist": self.relist})

    @classmethod
    def from_json(cls, text: str) -> Orders:
        value = json.loads(text)
        return cls(tuple(map(PodSpec.from_json, value["pods"])), value["backoff"], value["relist"])


@dataclass(slots=True)
class Worker:
    """One pod, and what is remembered of it: the last attempt of its sandbox, and each container's back-off."""

    spec: PodSpec
    node: Node
    base: float
    attempt: int = -1
    backoff: dict[str, float] = field(default_factory=dict)

    def sync(self, sandboxes: list[PodSandbox], containers: list[Container]) -> None:
        """Bring the pod one step nearer to what it shall be; these are its own, newest first."""
        self.attempt = max([self.attempt, *(sandbox.metadata.attempt for sandbox in sandboxes)])
        if not sandboxes or sandboxes[0].state != PodSandboxState.SANDBOX_READY:
            self._kill(sandboxes, containers)
            self.attempt += 1
            made = self.node.run_sandbox(self.spec, self.attempt)
        else:
            config = sandbox_config(self.spec, self.attempt)
            made = RunningPod(self.spec, sandboxes[0].id, self.attempt, config)
        self._start_what_is_missing(made, containers)
        self._collect_garbage(sandboxes[1:])

    def _kill(self, sandboxes: list[PodSandbox], containers: list[Container]) -> None:
        running = [each.id for each in containers if each.state == ContainerState.CONTAINER_RUNNING]
        with ThreadPoolExecutor() as together:
            list(together.map(lambda each: self.node.stop(each, self.spec.grace), running))
        for sandbox in sandboxes:
            self.node.stop_sandbox(sandbox.id)

    def _start_what_is_missing(self, made: RunningPod, containers: list[Container]) -> None:
        for member in self.spec.members:
            earlier = [each for each in containers if each.metadata.name == member.name]
            here = next((each for each in earlier if each.pod_sandbox_id == made.sandbox), None)
            if here is not None and here.state != ContainerState.CONTAINER_EXITED:
                continue
            if here is not None and (self._is_done(member, here) or not self._may_start_again(member, here)):
                continue
            restarts = 1 + max((each.metadata.attempt for each in earlier), default=-1)
            self.node.run_member(made, member, restarts, restarts)

    def _is_done(self, member: Member, container: Container) -> bool:
        return member.init and self.node.status(container.id).exit_code == 0

    def _may_start_again(self, member: Member, container: Container) -> bool:
        wait = self.backoff.get(member.name, 0.0)
        if time.time() - self.node.status(container.id).finished_at / 1e9 < wait:
            return False
        self.backoff[member.name] = min(wait * 2 or self.base, LONGEST_BACKOFF)
        return True

    def _collect_garbage(self, older: list[PodSandbox]) -> None:
        mine = [each for each in self.node.containers() if _uid(each) == self.spec.uid]
        dead = defaultdict(list)
        for each in _newest_first(mine):
            if each.state == ContainerState.CONTAINER_EXITED:
                dead[each.metadata.name].append(each)
        gone = {each.id for several in dead.values() for each in several[1:]}
        for each in gone:
            self.node.remove(each)
        for sandbox in older:
            if not any(each.pod_sandbox_id == sandbox.id for each in mine if each.id not in gone):
                self.node.remove_sandbox(sandbox.id)


def main(socket: Path, cgroups: Path, orders: Orders) -> None:
    """Keep the pods alive until it is killed."""
    ctypes.CDLL(None).prctl(PR_SET_NAME, b"kubelet", 0, 0, 0)
    node = Node(socket, Path("/"), cgroups)
    workers = [Worker(spec, node, orders.backoff) for spec in orders.pods]
    at_work: dict[str, Future[None]] = {}
    with ThreadPoolExecutor(WORKERS) as executor:
        while True:
            began = time.monotonic()
            # Who has ended before the runtime is asked knows no more than the answer.
            free = [each for each in workers if each.spec.uid not in at_work or _has_ended(at_work[each.spec.uid])]
            try:
                sandboxes, containers = _newest_first(node.sandboxes()), _newest_first(node.containers())
            except grpc.RpcError as error:  # the runtime is away; it is asked again
                print(error.code(), flush=True)
                free = []
            for worker in free:
                uid = worker.spec.uid
                at_work[uid] = executor.submit(
                    worker.sync,
                    [each for each in sandboxes if each.metadata.uid == uid],
                    [each for each in containers if _uid(each) == uid],
                )
            time.sleep(max(0.0, began + orders.relist - time.monotonic()))


def _has_ended(work: Future[None]) -> bool:
    if not work.done():
        return False
    error = work.exception()
    if error is not None:
        print(repr(error), flush=True)
    return True


def _uid(container: Container) -> str:
    return str(container.labels["io.kubernetes.pod.uid"])


def _newest_first(found: list[Container] | list[PodSandbox]) -> list:  # type: ignore[type-arg]
    return sorted(found, key=lambda each: -each.created_at)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Orders.from_json(Path(sys.argv[3]).read_text()))
