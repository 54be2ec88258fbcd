"""The pods that the lab can make, as data. Each shows one statement about the pause container."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pausetui.errors import UsageError

NAMESPACE = "lab"
VOLUME = "shared"


@dataclass(frozen=True, slots=True)
class MemberSpec:
    """One container of a pod.

    Attributes:
        name: Its name, and its process's ``comm``.
        program: What it runs, and its arguments (``lab.programs``).
        init: It runs to its end before the members start.
        volume: It has the pod's shared volume.
    """

    name: str
    program: tuple[str, ...]
    init: bool = False
    volume: bool = False

    @property
    def image(self) -> str:
        """What its image is called."""
        return f"lab/{self.program[0]}"


@dataclass(frozen=True, slots=True)
class Redirect:
    """A packet rule in the pod's network namespace: what comes in for one port goes to another."""

    port: int
    to_port: int


@dataclass(frozen=True, slots=True)
class PodSpec:
    """One pod.

    Attributes:
        about: What it shows, in one line.
        pause: It has a pause container; else its first member makes the namespaces.
        shared_pid: Its members are in the pause container's pid namespace.
        probe: A port that the lab asks for a page every few seconds from outside, as kubelet's probes do.
    """

    name: str
    about: str
    members: tuple[MemberSpec, ...]
    pause: bool = True
    shared_pid: bool = False
    redirect: Redirect | None = None
    probe: int | None = None

    @property
    def uid(self) -> str:
        """Its uid, which is its key: readable, and the same whenever the lab is up."""
        return f"{NAMESPACE}-{self.name}"

    @property
    def title(self) -> str:
        """What the user calls it."""
        return f"{NAMESPACE}/{self.name}"


_PODS = (
    PodSpec(
        "web",
        "two members with one network: the sidecar reaches the web server by localhost",
        (
            MemberSpec("web", ("web", "--port=80")),
            MemberSpec("sidecar", ("fetch", "--url=http://localhost:80/", "--every=5")),
        ),
    ),
    PodSpec(
        "sidecar",
        "the collector goes on reading the shared log while the app restarts",
        (
            MemberSpec("app", ("writer",), volume=True),
            MemberSpec("collector", ("collector",), volume=True),
        ),
    ),
    PodSpec(
        "mesh",
        "what comes in for :8080 goes through the proxy, and the app need not know",
        (
            MemberSpec("app", ("web", "--port=8080")),
            MemberSpec("proxy", ("proxy", "--port=15001", "--to-port=8080")),
        ),
        redirect=Redirect(8080, 15001),
        probe=8080,
    ),
    PodSpec(
        "init",
        "the main container serves what the init container wrote",
        (
            MemberSpec("setup", ("setup",), init=True, volume=True),
            MemberSpec("main", ("web", "--port=80", "--page=index.html"), volume=True),
        ),
    ),
    PodSpec(
        "shared-pid",
        "pause is pid 1 of all members and reaps what they leave behind",
        (
            MemberSpec("app", ("web", "--port=80")),
            MemberSpec("forker", ("orphans", "--every=5")),
        ),
        shared_pid=True,
    ),
    PodSpec(
        "no-pause",
        "without a pause: when a restarts, b keeps the old network, with only lo left in it",
        (
            MemberSpec("a", ("web", "--port=80")),
            MemberSpec("b", ("fetch", "--url=http://localhost:80/", "--every=5")),
        ),
        pause=False,
    ),
    PodSpec(
        "crashloop",
        "a member that keeps ending, and the back-off before each restart",
        (
            MemberSpec("web", ("web", "--port=80")),
            MemberSpec("crasher", ("crasher", "--after=0.2")),
        ),
    ),
)

SCENARIOS: Mapping[str, PodSpec] = {pod.name: pod for pod in _PODS}
DEFAULT: tuple[str, ...] = tuple(name for name in SCENARIOS if name != "crashloop")
"""What is brought up when nothing is asked for: all that is well."""


def chosen(names: Sequence[str]) -> tuple[PodSpec, ...]:
    """The pods of these scenarios, each once, in the order asked for; the default ones for none.

    Raises:
        UsageError: There is no such scenario.
    """
    wanted = tuple(dict.fromkeys(names)) or DEFAULT
    unknown = [name for name in wanted if name not in SCENARIOS]
    if unknown:
        raise UsageError(
            f"choosing the scenario {unknown[0]!r}",
            "there is none of that name",
            f"Choose from: {', '.join(SCENARIOS)}.",
        )
    return tuple(SCENARIOS[name] for name in wanted)
