"""A pod without a pause container: its first member makes the namespaces, the others join it."""

from __future__ import annotations

import signal

from pausetui.core.inventory import PodRecord, PodState, Restorer
from pausetui.errors import PausetuiError
from pausetui.lab.addresses import Addresses
from pausetui.lab.keeping import Keeper, Tools, earliest
from pausetui.lab.life import Life, Started
from pausetui.lab.scenarios import NAMESPACE, PodSpec


class BarePod(Keeper):
    """A pod without a pause container, and what comes of it.

    When the first member ends, its link is taken away, as every runtime does with a container's that has
    ended. Those that joined it stay where they are, in a network that has only ``lo`` left.
    """

    def __init__(self, spec: PodSpec, tools: Tools, addresses: Addresses) -> None:
        super().__init__(spec, tools, addresses)
        self._maker, self._joiners = self._members[0], self._members[1:]
        self._link: str | None = None

    def step(self) -> float | None:
        """Do what can be done now.

        Returns:
            The monotonic second at which to ask again, or None: when something has ended.
        """
        again = self._keep(self._maker, None, None)
        holder = self._maker.started
        if holder is None or (self._link is None and not self._connect(holder)):
            return again
        return earliest(*(self._keep(life, holder, None) for life in self._joiners))

    def record(self) -> PodRecord:
        """What is told about it: no pause, no sandbox."""
        return PodRecord(
            key=self.spec.uid,
            namespace=NAMESPACE,
            name=self.spec.name,
            uid=self.spec.uid,
            state=PodState.READY if self._maker.started is not None else PodState.NOTREADY,
            host_network=False,
            brought_back_by=Restorer.LAB,
            runtime_addresses=(self._address,) if self._address else (),
            members=tuple(life.record() for life in self.lives()),
            note=self._note(),
        )

    def _connect(self, holder: Started) -> bool:
        try:
            self._address = self._addresses.take()
            self._link = self._tools.connect(self.spec, holder, self._address)
        except (OSError, PausetuiError) as error:
            self._failed(error)
            self._release_address()
            self._tools.signal(holder, signal.SIGKILL)
            return False
        self._worked()
        return True

    def _has_ended(self, life: Life) -> None:
        if life is not self._maker:
            return
        if self._link is not None:
            self._tools.disconnect(self._link)
            self._link = None
        self._release_address()
