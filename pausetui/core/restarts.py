"""How often a member was restarted in its pod's present sandbox. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from pausetui.core.snapshot import Container


@dataclass(frozen=True, slots=True)
class RestartCount:
    """A number of restarts, which may be too low where not every earlier life is remembered."""

    number: int
    at_least: bool = False

    @property
    def text(self) -> str:
        """The number, and whether it may be more."""
        return f"at least {self.number}" if self.at_least else str(self.number)


def restarts_since(member: Container, pause: Container | None) -> RestartCount | None:
    """Restarts of a member since this pause started; None if not known.

    The runtime counts over all sandboxes, so its counter is the answer in a pod's first one. In a later one
    the earlier lives that began after the pause are counted; those are all only if an older one is remembered,
    or as many are as there were restarts.
    """
    since = pause.started_at if pause else None
    if since is None or (pause is not None and pause.attempt == 0):
        return RestartCount(member.restarts) if member.restarts is not None else _remembered(member)
    if any(life.started_at is None for life in member.previous):
        return None
    here = sum(1 for life in member.previous if life.started_at is not None and life.started_at >= since)
    all_of_them = here < len(member.previous) or member.restarts in (here, 0)
    if not member.previous and member.restarts != 0:
        return None
    return RestartCount(here, at_least=not all_of_them)


def _remembered(member: Container) -> RestartCount | None:
    return RestartCount(len(member.previous), at_least=True) if member.previous else None
