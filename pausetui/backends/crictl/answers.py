"""What crictl's lists say: ``pods``, ``ps -a``, ``images`` and ``version``. Pure.

Shapes and names are those of the CRI (k8s.io/cri-api, runtime/v1/api.proto); labels and annotations are kubelet's
(k8s.io/kubernetes, pkg/kubelet/types/labels.go and pkg/kubelet/kuberuntime/labels.go).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from pausetui.backends.crictl.reading import Items, identity, listed, maybe, moment, short, whole, word
from pausetui.core.inventory import ContainerState, PodState
from pausetui.core.json_value import At
from pausetui.errors import CannotLook
from pausetui.text import harmless

UID_LABEL = "io.kubernetes.pod.uid"
SOURCES = ("kubernetes.io/config.source", "kubernetes.io/config.seen")
"""The annotations that kubelet gives to every sandbox it makes."""

_SANDBOX_STATES = {"SANDBOX_READY": PodState.READY, "SANDBOX_NOTREADY": PodState.NOTREADY}
_CONTAINER_STATES = {
    "CONTAINER_CREATED": ContainerState.CREATED,
    "CONTAINER_RUNNING": ContainerState.RUNNING,
    "CONTAINER_EXITED": ContainerState.EXITED,
}
_BARE_ID = re.compile(r"(sha256:)?[0-9a-f]{64}")
_COUNT = re.compile(r"\d{1,9}", re.ASCII)
_VERSION_LINE = re.compile(r"^(Runtime\w+):\s*(\S.*?)\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class PodName:
    """Which pod something belongs to."""

    uid: str | None
    namespace: str
    name: str

    @property
    def key(self) -> str:
        """Stays over all of its sandboxes."""
        return self.uid or f"{self.namespace}/{self.name}"


@dataclass(frozen=True, slots=True)
class ListedSandbox:
    """One sandbox as ``pods`` has it.

    Attributes:
        kubelets: It has the marks that kubelet gives to what it makes.
    """

    id: str
    pod: PodName
    attempt: int | None
    state: PodState
    created_at: datetime | None
    kubelets: bool = False
    runtime_handler: str | None = None


@dataclass(frozen=True, slots=True)
class ListedContainer:
    """One container as ``ps -a`` has it.

    Attributes:
        pod: Whose it is by its labels, or None.
        image: What its user calls the image, or None.
        image_ref: What the runtime calls it.
        restarts: What kubelet counted.
    """

    id: str
    sandbox_id: str
    pod: PodName | None
    name: str
    attempt: int | None
    state: ContainerState
    created_at: datetime | None
    image: str | None = None
    image_ref: str | None = None
    restarts: int | None = None
    grace_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Image:
    """One image that the runtime has, by all its names."""

    names: tuple[str, ...]
    tag: str | None
    size: int | None


@dataclass(frozen=True, slots=True)
class Version:
    """Which runtime answers: RuntimeName and RuntimeVersion."""

    name: str
    version: str | None


def sandbox_state(at: At) -> PodState:
    """A sandbox's state; a word that the CRI doesn't have is UNKNOWN."""
    return _SANDBOX_STATES.get(word(at, "state") or "", PodState.UNKNOWN)


def container_state(at: At) -> ContainerState:
    """A container's state; a word that the CRI doesn't have is UNKNOWN."""
    return _CONTAINER_STATES.get(word(at, "state") or "", ContainerState.UNKNOWN)


def sandboxes(text: str) -> Items[ListedSandbox]:
    """What ``crictl pods -o json`` printed.

    Raises:
        CannotLook: It is not what crictl prints, and where.
    """
    return listed(text, "crictl pods -o json", "items", _sandbox)


def containers(text: str) -> Items[ListedContainer]:
    """What ``crictl ps -a -o json`` printed.

    Raises:
        CannotLook: It is not what crictl prints, and where.
    """
    return listed(text, "crictl ps -a -o json", "containers", _container)


def images(text: str) -> Items[Image]:
    """What ``crictl images -o json`` printed.

    Raises:
        CannotLook: It is not what crictl prints, and where.
    """
    return listed(text, "crictl images -o json", "images", _image)


def version(text: str) -> Version:
    """What ``crictl version`` printed; it has no JSON.

    Raises:
        CannotLook: It names no runtime.
    """
    said = dict(_VERSION_LINE.findall(text))
    name = said.get("RuntimeName")
    if name is None:
        raise CannotLook("reading crictl version", f"no line RuntimeName in {harmless(text, 80)!r}")
    number = said.get("RuntimeVersion")
    return Version(harmless(name), harmless(number) if number else None)


def image_words(at: At | None) -> str | None:
    """What a user calls an image: as the pod has it, else as it was pulled. None where there is but an id."""
    told = word(at, "userSpecifiedImage") or word(at, "image")
    return None if told is None or _BARE_ID.fullmatch(told) else told


def _sandbox(at: At) -> ListedSandbox:
    id_ = identity(at, "id")
    about = maybe(at, "metadata")
    return ListedSandbox(
        id=id_,
        pod=PodName(word(about, "uid"), word(about, "namespace") or "", word(about, "name") or short(id_)),
        attempt=whole(about, "attempt"),
        state=sandbox_state(at),
        created_at=moment(at, "createdAt"),
        kubelets=word(at, "labels", UID_LABEL) is not None
        and any(word(at, "annotations", source) for source in SOURCES),
        runtime_handler=word(at, "runtimeHandler"),
    )


def _container(at: At) -> ListedContainer:
    id_ = identity(at, "id")
    return ListedContainer(
        id=id_,
        sandbox_id=identity(at, "podSandboxId"),
        pod=_pod_by_labels(maybe(at, "labels")),
        name=word(at, "metadata", "name") or word(at, "labels", "io.kubernetes.container.name") or short(id_),
        attempt=whole(at, "metadata", "attempt"),
        state=container_state(at),
        created_at=moment(at, "createdAt"),
        image=image_words(maybe(at, "image")),
        image_ref=word(at, "imageRef") or word(at, "imageId"),
        restarts=_counted(word(at, "annotations", "io.kubernetes.container.restartCount")),
        grace_seconds=_counted(word(at, "annotations", "io.kubernetes.pod.terminationGracePeriod")),
    )


def _pod_by_labels(labels: At | None) -> PodName | None:
    uid, name = word(labels, UID_LABEL), word(labels, "io.kubernetes.pod.name")
    if uid is None and name is None:
        return None
    return PodName(uid, word(labels, "io.kubernetes.pod.namespace") or "", name or uid or "")


def _counted(annotation: str | None) -> int | None:
    """A number in an annotation, which may be anything: whoever made the container wrote it."""
    return int(annotation) if annotation and _COUNT.fullmatch(annotation) else None


def _image(at: At) -> Image:
    names = [
        each for key in ("repoTags", "repoDigests") if (found := maybe(at, key)) for each in found.each(At.text)
    ]
    tags = maybe(at, "repoTags")
    return Image(
        names=(*((word(at, "id") or "",)), *names),
        tag=next(iter(tags.texts()), None) if tags else None,
        size=whole(at, "size"),
    )
