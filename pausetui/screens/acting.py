"""The keys that do something to a pod, each after a question, and the questions that are open."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from pausetui.core.actions import OF_A_POD, ActionKind, NotPossible, Offer
from pausetui.core.predict.offers import offer
from pausetui.errors import ActionRefused
from pausetui.live.picture import Picture
from pausetui.screens.running import Running
from pausetui.screens.subject import Subject

if TYPE_CHECKING:  # a start does without these
    from pausetui.core.snapshot import Pod, Snapshot
    from pausetui.screens.confirm import ConfirmScreen
    from pausetui.screens.probe import ProbeScreen


class Acting(Running):
    """An app whose keys restart, kill, delete, enter and try."""

    _asked: ConfirmScreen | None = None
    _probing: ProbeScreen | None = None

    def reconsider(self, picture: Picture) -> None:
        """Close a question that was asked, if there is nothing to do it to any more."""
        self._reconsider_action(picture)
        self._reconsider_probe(picture)

    def _reconsider_action(self, picture: Picture) -> None:
        """Close an open confirmation whose subject is gone or became another process."""
        asked = self._asked
        if asked is None:
            return
        if picture.read_only:
            why = "nothing may be changed from here"
        else:
            why = asked.reconsider(offer(picture.snapshot, asked.offer.kind, asked.offer.container_key))
        if why:
            asked.dismiss(None)
            self._asked = None
            self.main.say(f"closed, nothing was done: {why}")

    def _reconsider_probe(self, picture: Picture) -> None:
        """Close the question which port to try, if there is nothing to try it from any more."""
        probing = self._probing
        if probing is None:
            return
        from pausetui.core.vantage import vantage

        seen = probing.seen
        now = vantage(picture.snapshot, seen.pod_key, seen.container_key)
        why = "nothing may be tried from here" if picture.read_only else probing.reconsider(now)
        if why:
            self._probing = None
            probing.dismiss(None)
            self.main.say(f"closed, nothing was tried: {why}")

    def action_act(self, kind: str) -> None:
        """Ask whether to do something to the selected row; where nothing may be changed, say so."""
        if self.main.read_only:
            self.main.say("read-only: nothing can be changed from here")
            return
        chosen = self.main.subject
        if self.picture is None or chosen is None or chosen.pod is None:
            self.main.say("not possible: choose a pod, or a row of one, first")
            return
        action = ActionKind(kind)
        subject = chosen.pod.key if action in OF_A_POD else _member_key(chosen) or chosen.pod.key
        offered = offer(self.picture.snapshot, action, subject)
        if isinstance(offered, NotPossible):
            self.main.say(f"not possible: {offered.why}")
        else:
            self._ask(offered)

    def action_start(self) -> None:
        """Ask whether to start the selected member, or else the pod's pause."""
        chosen = self.main.subject
        member = chosen.member if chosen is not None else None
        self.action_act(ActionKind.START_MEMBER if member is not None else ActionKind.START_SANDBOX)

    def _ask(self, offered: Offer) -> None:
        from pausetui.screens.confirm import ConfirmScreen

        self._asked = ConfirmScreen(self._glyphs, offered)
        self.push_screen(self._asked, self._confirmed)

    def _confirmed(self, confirmed: Offer | None) -> None:
        self._asked = None
        if confirmed is None:
            return
        try:
            self._session.submit(confirmed)
        except ActionRefused as error:
            self.main.say(str(error))

    def action_enter(self, where: str) -> None:
        """Give the terminal to a shell in the selected member, or in its pod's network."""
        from pausetui.core import entering
        from pausetui.screens.entering import run_in_terminal

        chosen = self._chosen("read-only: a shell could change anything")
        if chosen is None:
            return
        snapshot, pod, row = chosen
        if where == "network":
            way = entering.into_network(
                snapshot,
                pod,
                os.environ.get("SHELL", "sh"),
                chosen=row.container,
                is_root=os.geteuid() == 0,
            )
        else:
            way = entering.into_member(snapshot, pod, row.member)
        if isinstance(way, str):
            self.main.say(f"not possible: {way}")
        elif way.process is not None and not self._session.is_there(way.process):
            self.main.say(f"not possible: pid {way.process.pid} has ended")
        else:
            ended = run_in_terminal(self, way.argv, way.into)
            self._session.look_now()
            self.main.say(f"back from the shell in {way.into} ({ended})")

    def action_probe(self) -> None:
        """Ask which port of localhost to try from inside the selected member or pod."""
        from pausetui.core.vantage import vantage
        from pausetui.screens.probe import ProbeScreen

        chosen = self._chosen("read-only: a connection from inside could be noticed there")
        if chosen is None:
            return
        snapshot, pod, row = chosen
        seen = vantage(snapshot, pod.key, row.container.key if row.container is not None else None)
        if isinstance(seen, str):
            self.main.say(f"not possible: {seen}")
        else:
            self._probing = ProbeScreen(self._glyphs, seen, self._session)
            self.push_screen(self._probing, self._probed)

    def _probed(self, _: None) -> None:
        self._probing = None

    def _chosen(self, forbidden: str) -> tuple[Snapshot, Pod, Subject] | None:
        """The newest snapshot and what of it is selected; None where it was said why nothing can be done to it."""
        row = self.main.subject
        if self.main.read_only:
            self.main.say(forbidden)
        elif self.picture is None or row is None or row.pod is None or row.gone:
            self.main.say("not possible: choose a pod, or a row of one, first")
        else:
            return self.picture.snapshot, row.pod, row
        return None


def _member_key(chosen: Subject) -> str:
    if chosen.member is not None:
        return chosen.member.key
    return chosen.container.key if chosen.container is not None else ""
