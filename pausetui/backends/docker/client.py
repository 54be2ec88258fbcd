"""What an engine can be asked, and told to do, in the words of its API."""

from __future__ import annotations

import threading
from functools import partial
from urllib.parse import quote

from pausetui.backends.docker.connection import Connection
from pausetui.backends.docker.events import Events
from pausetui.backends.docker.failures import NotFound
from pausetui.core.json_value import At

_EVENTS = {"type": ["container", "network"]}


class Client(Connection):
    """One connection to an engine, for one thread at a time. Nothing is sent before the first question."""

    def containers(self) -> At:
        """``/containers/json``: all containers, those that ended, too."""
        return self._read("listing the containers", "/containers/json", lambda sdk: sdk.containers(all=True))

    def inspect(self, id_: str) -> At:
        """``/containers/ID/json``: one container.

        Raises:
            NotFound: There is none of this id.
        """
        doing = f"asking about container {id_[:12]}"
        return self._read(doing, f"/containers/{id_[:12]}/json", lambda sdk: sdk.inspect_container(id_))

    def check(self) -> None:
        """See that the engine answers at all.

        Raises:
            CannotLook: It does not.
        """
        self._asked("asking whether it is there", "/_ping", lambda sdk: sdk.ping())

    def pods(self) -> At | None:
        """Podman's pods; None of an engine that has none. ``version`` has to be asked for before."""
        if self._libpod is None:
            return None
        try:
            return self._of_libpod("get", "pods/json", "listing the pods", self.timeout)
        except NotFound:
            return None  # what is between us and Podman lets only Docker's API through

    def pod(self, verb: str, id_: str, seconds: float) -> None:
        """Have Podman ``start``, ``stop`` or ``rm`` (by force) a pod, which may take so many seconds."""
        where = f"pods/{quote(id_, safe='')}"
        doing = f"{verb} of pod {id_[:12]}"
        self.version()
        if verb == "rm":
            self._of_libpod("delete", f"{where}?force=true", doing, seconds)
        else:
            self._of_libpod("post", f"{where}/{verb}", doing, seconds)

    def start(self, id_: str) -> None:
        """Start a container that does not run."""
        self._asked(f"starting {id_[:12]}", "start", lambda sdk: sdk.start(id_))

    def stop(self, id_: str, grace: int) -> None:
        """Ask a container to end, and end it after so many seconds."""
        self._asked(f"stopping {id_[:12]}", "stop", lambda sdk: sdk.stop(id_, timeout=grace))

    def restart(self, id_: str, grace: int) -> None:
        """The same, and start it again."""
        self._asked(f"restarting {id_[:12]}", "restart", lambda sdk: sdk.restart(id_, timeout=grace))

    def kill(self, id_: str) -> None:
        """End a container by SIGKILL."""
        self._asked(f"killing {id_[:12]}", "kill", lambda sdk: sdk.kill(id_))

    def remove(self, id_: str) -> None:
        """End a container and forget it."""
        self._asked(f"removing {id_[:12]}", "remove", lambda sdk: sdk.remove_container(id_, force=True))

    def events(self, stop: threading.Event) -> Events:
        """``/events``: what happens from now on, until ``stop`` is set or the engine ends.

        That the engine answers is seen first, by asking for its version: the wait for an event has no end.
        """
        doing = "listening to its events"
        self.version()
        with self._told(doing):
            stream = self._connected().events(decode=True, filters=_EVENTS)
        return Events(stream, stop, partial(self._told, doing))
