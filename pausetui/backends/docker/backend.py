"""The pods of Docker and of Podman: where there is no kubelet, containers that share a network are one."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime

from pausetui.backends.crictl import kubelet
from pausetui.backends.docker.asking import Asking
from pausetui.backends.docker.client import Client
from pausetui.backends.docker.doing import BY_RUNTIME, perform
from pausetui.backends.docker.endpoints import DOCKER, PODMAN, Endpoint, Engine
from pausetui.backends.docker.evidence import has_own_cgroup, main_process
from pausetui.backends.docker.finding import DockerOptions, command_for, find, timeout_of
from pausetui.backends.docker.grouping import groups
from pausetui.backends.docker.hints import changes
from pausetui.backends.docker.problems import problems
from pausetui.backends.docker.records import records
from pausetui.backends.signalling import by_signal
from pausetui.core.actions import Abilities, Action
from pausetui.core.inventory import ContainerRecord, ContainerState, Inventory, PodRecord, Runtime
from pausetui.core.observation import Observation, ProcessId
from pausetui.errors import ActionRefused, CannotLook
from pausetui.kernel.cgroup_usage import CgroupUsage
from pausetui.kernel.host import HostRoot
from pausetui.kernel.signals import CheckedProcess


class EngineBackend:
    """What both have in common: they speak the same API."""

    engine: Engine
    abilities = Abilities(frozenset(), BY_RUNTIME)

    def __init__(
        self, host: HostRoot, options: DockerOptions | None = None, environ: Mapping[str, str] = os.environ
    ) -> None:
        """Args:
        host: The machine whose engine is asked.
        options: What the command line says of it.
        environ: The environment, as the engine's own program reads it.
        """
        self._host = host
        self._options = options or DockerOptions()
        self._environ = environ
        self._one_at_a_time = threading.Lock()
        self._asking: Asking | None = None
        self._pods: frozenset[str] = frozenset()
        self._usage = CgroupUsage(host)

    @property
    def name(self) -> str:
        """What ``--backend`` calls it."""
        return self.engine.name

    def inventory(self, observation: Observation) -> Inventory:
        """Ask the engine what there is.

        Raises:
            CannotLook: There is none, or it did not answer.
        """
        with self._one_at_a_time:
            return self._inventory(observation)

    def hints(self, stop: threading.Event) -> Iterator[None]:
        """Yield when the engine's events say that something happened."""
        yield from changes(lambda: self._client_of(self._found()), self._told_of, stop)

    def perform(self, action: Action, process: CheckedProcess | None) -> str:
        """Carry out an action: through the engine if it is named by its id there, else by a signal.

        Raises:
            ActionRefused: Nothing was done, and why.
        """
        if action.kind not in BY_RUNTIME or action.runtime_id is None:
            return by_signal(action, process)
        try:
            client = self._client()
        except CannotLook as error:
            raise ActionRefused(action.subject, error.why, error.next_step) from error
        with closing(client):
            return perform(action, action.runtime_id, client, is_pod=action.runtime_id in self._pods)

    def close(self) -> None:
        """Let go of the connection."""
        asking = self._asking
        if asking is not None:
            asking.client.close()

    def _inventory(self, observation: Observation) -> Inventory:
        asking = self._ready()
        endpoint = asking.client.endpoint
        answers = asking.look(observation)
        self._pods = frozenset(pod.id for pod in answers.pods)
        local = endpoint.socket is not None
        on_node = kubelet.find(observation)
        found = groups(answers, observation, local=local)
        pods = records(found, on_node, local=local, program=answers.version.name)
        pods = self._with_processes(pods, observation) if local else pods
        return Inventory(
            backend=self.name,
            inventory_at=datetime.now(UTC),
            runtime=Runtime(
                name=answers.version.name,
                version=answers.version.version,
                endpoint=endpoint.url,
                found_by=endpoint.why,
                command=command_for(endpoint, self._host, answers.version.name),
            ),
            pods=pods,
            problems=tuple(problems(answers, pods, self.name)),
            abilities=self.abilities,
        )

    def _with_processes(self, pods: tuple[PodRecord, ...], observation: Observation) -> tuple[PodRecord, ...]:
        """With what each running container uses, read from its cgroup: the engine takes a second for each.

        Those without a cgroup of their own are given their process instead.
        """
        kept: set[ProcessId] = set()

        def with_process(record: ContainerRecord) -> ContainerRecord:
            if record.state is not ContainerState.RUNNING or record.runtime_id is None:
                return record
            process = main_process(record.runtime_id, record.pid, record.started_at, observation)
            if process is None:
                return record
            if not has_own_cgroup(record.runtime_id, process):
                return replace(record, process=process.id)
            kept.add(process.id)
            return replace(record, usage=self._usage.of(process.id))

        found = tuple(
            replace(
                pod,
                pause=with_process(pod.pause) if pod.pause else None,
                members=tuple(with_process(member) for member in pod.members),
            )
            for pod in pods
        )
        self._usage.forget_others(kept)
        return found

    def _ready(self) -> Asking:
        """Whom to ask, looked for each time, which costs little. If it is the same, what is known of it stays."""
        endpoint = self._found()
        if self._asking is None or self._asking.client.endpoint != endpoint:
            self.close()
            self._asking = Asking(self._client_of(endpoint))
        return self._asking

    def _found(self) -> Endpoint:
        return find(self.engine, self._host, self._options, self._environ)

    def _client(self) -> Client:
        """A connection of one's own, with the version of the API that is known to fit."""
        return self._client_of(self._found(), self._asking.client.api if self._asking else "")

    def _client_of(self, endpoint: Endpoint, api: str = "") -> Client:
        return Client(endpoint, timeout_of(self._options), self._environ, api)

    def _told_of(self, id_: str) -> None:
        asking = self._asking
        if asking is not None:
            asking.told_of(id_)


class DockerBackend(EngineBackend):
    """The backend that asks Docker, or whatever listens where Docker would."""

    engine = DOCKER


class PodmanBackend(EngineBackend):
    """The backend that asks Podman through its Docker socket."""

    engine = PODMAN
