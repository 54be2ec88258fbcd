"""One inventory's questions: two calls where nothing has changed, whatever the number of pods."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from pausetui.backends.crictl import answers, stats
from pausetui.backends.crictl.answers import Image, ListedContainer, ListedSandbox, Version
from pausetui.backends.crictl.details import ContainerDetail, SandboxDetail, container_details, sandbox_details
from pausetui.backends.crictl.failures import as_error, complaint
from pausetui.backends.crictl.finding import MARGIN, Found
from pausetui.backends.crictl.inspecting import Failure, Inspecting
from pausetui.backends.crictl.once import Once
from pausetui.backends.crictl.program import Ran
from pausetui.backends.crictl.reading import Bad, Items
from pausetui.core.inventory import ContainerState, PodState, Usage
from pausetui.core.observation import Observation
from pausetui.errors import CannotLook

SELDOM = 30.0
"""Seconds between two questions for what is used (by containers that the kernel doesn't show us), or for images."""
BUDGET_TIMEOUTS = 4
"""How many of crictl's timeouts all inspecting of one look may take; what is left over has its turn in the next."""

_UNKNOWN_COMMAND = 3
"""crictl's exit code for a command that it doesn't have."""


@dataclass(frozen=True, slots=True)
class Answers:
    """All that the runtime said in one look.

    Attributes:
        sandboxes: What there is, with the newest word on each one's state.
        containers: The same, of containers.
        sandbox_details: By id; missing for one that is in ``failed`` or ``postponed``.
        failed: Why there are no (new) details, by id.
        bad: Items of the lists that could not be read.
        postponed: How many were not asked about for lack of time.
        usages: What is used, by id of container or sandbox, where the kernel can't tell.
    """

    version: Version
    sandboxes: tuple[ListedSandbox, ...] = ()
    containers: tuple[ListedContainer, ...] = ()
    sandbox_details: Mapping[str, SandboxDetail] = field(default_factory=dict)
    container_details: Mapping[str, ContainerDetail] = field(default_factory=dict)
    images: Mapping[str, Image] = field(default_factory=dict)
    failed: Mapping[str, Failure] = field(default_factory=dict)
    bad: tuple[Bad, ...] = ()
    postponed: int = 0
    usages: Mapping[str, Usage] = field(default_factory=dict)


class Asking:
    """Asks one runtime, and remembers what need not be asked again."""

    def __init__(self, found: Found, clock: Callable[[], float] = time.monotonic) -> None:
        self.found = found
        self._clock = clock
        self._version: Version | None = None
        self._homeless: set[str] = set()
        self._sandboxes = Inspecting("inspectp", sandbox_details, self._run, clock, found.endpoint)
        self._containers = Inspecting("inspect", container_details, self._run, clock, found.endpoint)
        self._read_sandboxes = Once(answers.sandboxes)
        self._read_containers = Once(answers.containers)
        self._images: dict[str, Image] = {}
        self._image_names: frozenset[str] = frozenset()
        self._next_images = 0.0
        self._usages: dict[str, Usage] = {}
        self._unseen: frozenset[str] = frozenset()
        self._next_stats = 0.0
        self._no_stats: set[str] = set()

    @property
    def version(self) -> Version | None:
        """Which runtime answers, once it has."""
        return self._version

    def look(self, observation: Observation) -> Answers:
        """Ask what there is.

        Args:
            observation: The newest look at the kernel: what it shows need not be asked.

        Raises:
            CannotLook: The runtime or crictl did not answer, or not in words that are known.
        """
        try:
            return self._look(observation)
        except CannotLook:
            self._version = None
            raise

    def _look(self, observation: Observation) -> Answers:
        if self._version is None:
            self._version = answers.version(self._answer("version"))
        sandboxes, containers = self._lists()
        deadline = self._clock() + BUDGET_TIMEOUTS * self.found.timeout
        self._sandboxes.refresh(
            {one.id: one.state for one in sandboxes.good}, self._unsettled(observation), deadline
        )
        self._containers.refresh({one.id: one.state for one in containers.good}, (), deadline)
        told = Answers(
            version=self._version,
            sandboxes=tuple(self._sandboxes_now(sandboxes.good)),
            containers=tuple(self._containers_now(containers.good)),
            sandbox_details=self._sandboxes.details(),
            container_details=self._containers.details(),
            failed={**self._sandboxes.failed, **self._containers.failed},
            bad=(*sandboxes.bad, *containers.bad),
            postponed=len(self._sandboxes.postponed) + len(self._containers.postponed),
        )
        if self._clock() < deadline:
            self._ask_images(told)
            self._ask_usages(told, observation)
        return replace(told, images=self._images, usages=self._usages)

    def _lists(self) -> tuple[Items[ListedSandbox], Items[ListedContainer]]:
        """All sandboxes and containers; a sandbox that was made between the two calls is among them."""
        sandboxes = self._read_sandboxes(self._answer("pods", "-o", "json"))
        containers = self._read_containers(self._answer("ps", "-a", "-o", "json"))
        running = {one.sandbox_id for one in containers.good if one.state is ContainerState.RUNNING}
        homeless = running - {one.id for one in sandboxes.good}
        if not homeless <= self._homeless:
            sandboxes = self._read_sandboxes(self._answer("pods", "-o", "json"))
        self._homeless = homeless
        return sandboxes, containers

    def _run(self, *args: str) -> Ran:
        return self.found.program.run(*args, timeout=self.found.timeout + MARGIN)

    def _answer(self, *args: str) -> str:
        ran = self._run(*args)
        if ran.rc != 0:
            raise as_error(ran, f"crictl {' '.join(args)}", self.found.endpoint)
        return ran.out

    def _unsettled(self, observation: Observation) -> Iterator[str]:
        """Sandboxes that are about to change without their state telling: one that starts, one whose network goes.

        The runtime still gives the address of a dead sandbox until its network is taken down.
        """
        held = {"", *(pin.path.removeprefix("/var") for pin in observation.pins)}
        for id_, detail in self._sandboxes.details().items():
            if detail.state is PodState.READY:
                if detail.pid == 0:
                    yield id_
            elif detail.addresses and (detail.netns_path or "").removeprefix("/var") not in held:
                yield id_

    def _sandboxes_now(self, listed: tuple[ListedSandbox, ...]) -> Iterator[ListedSandbox]:
        gone = self._sandboxes.vanished()
        for one in listed:
            if one.id not in gone:
                state = PodState(self._sandboxes.state(one.id, one.state))
                yield one if state is one.state else replace(one, state=state)

    def _containers_now(self, listed: tuple[ListedContainer, ...]) -> Iterator[ListedContainer]:
        gone = self._containers.vanished()
        for one in listed:
            if one.id not in gone:
                state = ContainerState(self._containers.state(one.id, one.state))
                yield one if state is one.state else replace(one, state=state)

    def _ask_images(self, told: Answers) -> None:
        """Ask when an image is used that there was none of when they were asked for last."""
        pauses = (detail.image for detail in told.sandbox_details.values())
        names = frozenset(name for name in (*(one.image_ref for one in told.containers), *pauses) if name)
        if names <= self._image_names or self._clock() < self._next_images:
            return
        self._next_images = self._clock() + SELDOM
        with suppress(CannotLook):
            found = answers.images(self._answer("images", "-o", "json"))
            self._images = {name: image for image in found.good for name in image.names}
            self._image_names |= names

    def _ask_usages(self, told: Answers, observation: Observation) -> None:
        """Ask for those that run and that the kernel didn't show in two looks: in a VM, or hidden from us."""
        unseen = frozenset(_unseen(told, observation))
        lasting, self._unseen = unseen & self._unseen, unseen
        if not lasting:
            self._usages = {}
            return
        if self._clock() < self._next_stats:
            return
        self._next_stats = self._clock() + SELDOM
        found = {
            **self._stats("stats", stats.of_containers),
            **self._stats("statsp", stats.of_sandboxes),
        }
        sandboxes = {one.sandbox_id for one in told.containers if one.id in lasting}
        self._usages = {id_: usage for id_, usage in found.items() if id_ in lasting | sandboxes}

    def _stats(self, command: str, read: Callable[[str], dict[str, Usage]]) -> dict[str, Usage]:
        """What is used, or nothing: that nobody tells hides nothing else."""
        if command in self._no_stats:
            return {}
        with suppress(CannotLook):
            ran = self._run(command, "-o", "json")
            if ran.rc == 0:
                return read(ran.out)
            if ran.rc == _UNKNOWN_COMMAND or "code = Unimplemented" in complaint(ran):
                self._no_stats.add(command)
        return {}


def _unseen(told: Answers, observation: Observation) -> Iterator[str]:
    for one in told.containers:
        if one.state is ContainerState.RUNNING:
            detail = told.container_details.get(one.id)
            if detail is None or not detail.pid or detail.pid not in observation.processes:
                yield one.id
