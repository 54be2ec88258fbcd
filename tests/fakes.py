"""A session that shows what a test gives it, on the thread of the test."""

from __future__ import annotations

import threading
from collections.abc import Callable

from pausetui.core.actions import Action, Offer
from pausetui.core.doctor.checks import findings
from pausetui.core.doctor.finding import CheckUp, Examined
from pausetui.core.network import NetworkView, ProbeResult
from pausetui.core.observation import ProcessId
from pausetui.core.probe_telling import Asked, Probed
from pausetui.core.vantage import Vantage
from pausetui.errors import ActionRefused, CannotLook
from pausetui.live.picture import Choice, Picture


class FakeSession:
    """Shows pictures when told to, and remembers what it was asked for."""

    def __init__(self, *pictures: Picture, refuse: str = "") -> None:
        self.waiting = list(pictures)
        self.submitted: list[Offer] = []
        self.looked = 0
        self.checked = 0
        self.used: list[str] = []
        self.ended: set[ProcessId] = set()
        self.watched: list[str | None] = []
        self.held: list[str | None] = []
        self.stopped = False
        self.view: NetworkView | None = None
        self.results: tuple[ProbeResult, ...] = ()
        self.asked: list[tuple[str, Asked]] = []
        self.may_answer = threading.Event()
        self.may_answer.set()
        self._refuse = refuse
        self._listener: Callable[[Picture], None] | None = None

    def start(self, listener: Callable[[Picture], None]) -> None:
        self._listener = listener
        for picture in self.waiting:
            listener(picture)

    def show(self, picture: Picture) -> None:
        assert self._listener is not None, "the session was not started"
        self._listener(picture)

    def look_now(self) -> None:
        self.looked += 1

    def submit(self, offer: Offer) -> Action:
        if self._refuse:
            raise ActionRefused(offer.title, self._refuse)
        self.submitted.append(offer)
        action_id = f"a{len(self.submitted)}"
        return Action(action_id, offer.kind, offer.pod_key, offer.container_key, offer.subject, offer.target)

    def look_into(self, pod_key: str | None) -> None:
        self.watched.append(pod_key)

    def look_for_holders(self, key: str | None) -> None:
        self.held.append(key)

    def is_there(self, process: ProcessId) -> bool:
        return process not in self.ended

    def choices(self) -> tuple[Choice, ...]:
        return (Choice("crictl", "12 pods"), Choice("lab", "not found here", in_use=True))

    def use(self, name: str) -> None:
        self.used.append(name)

    def check_up(self, namespace: str | None) -> CheckUp:
        """What is wrong in the first of the pictures that were waiting."""
        self.checked += 1
        if self._refuse:
            raise CannotLook("looking for what is wrong", self._refuse)
        shown = self.waiting[0].snapshot
        found = findings(Examined(shown, shown, (), namespace=namespace))
        return CheckUp(shown.taken_at, shown.backend, len(shown.pods), found, shown.problems)

    def look_from(self, seen: Vantage) -> NetworkView:
        return self.view or NetworkView(seen.net, 0.0, listeners=())

    def probe(self, seen: Vantage, asked: Asked) -> Probed:
        if self._refuse:
            raise ActionRefused(str(asked), self._refuse)
        self.asked.append((seen.name, asked))
        self.may_answer.wait()
        return Probed(self.results, self.look_from(seen))

    def stop(self) -> None:
        self.stopped = True
