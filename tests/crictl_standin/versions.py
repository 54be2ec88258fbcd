"""What the versions of crictl do differently. A version is compared by its major and minor number."""

from __future__ import annotations

import os

VERSIONS = ("1.24.2", "1.28.0", "1.30.0", "1.36.0")
NEWEST = VERSIONS[-1]
VARIABLE = "CRICTL_STANDIN_VERSION"

_LINES = {
    "ContainerStatus": (604, 432, 432, 569),
    "GetContainerEvents": (0, 0, 827, 1086),
    "ListContainers": (536, 0, 0, 0),
    "ListContainerStats": (1027, 688, 688, 863),
    "ListPodSandbox": (356, 0, 0, 0),
    "ListPodSandboxStats": (1125, 738, 738, 922),
    "Status": (925, 0, 0, 0),
    "StopContainer": (484, 366, 366, 459),
    "StopPodSandbox": (248, 222, 222, 267),
    "Version": (168, 0, 0, 0),
}
"""Where in ``remote_runtime.go`` a failed call is logged; a call that is not here is not logged there."""

_SINCE = {
    ("Container", "image_id"): (1, 30),
    ("ContainerStats", "io"): (1, 36),
    ("ContainerStats", "swap"): (1, 28),
    ("ContainerStatus", "image_id"): (1, 30),
    ("ContainerStatus", "resources"): (1, 28),
    ("ContainerStatus", "stop_signal"): (1, 36),
    ("ContainerStatus", "user"): (1, 36),
    ("ImageSpec", "runtime_handler"): (1, 30),
    ("ImageSpec", "user_specified_image"): (1, 28),
    ("CpuUsage", "psi"): (1, 36),
    ("MemoryUsage", "psi"): (1, 36),
    ("LinuxPodSandboxStats", "io"): (1, 36),
    ("Mount", "gid_mappings"): (1, 27),
    ("Mount", "image"): (1, 31),
    ("Mount", "image_sub_path"): (1, 33),
    ("Mount", "recursive_read_only"): (1, 30),
    ("Mount", "uid_mappings"): (1, 27),
    ("NamespaceOption", "userns_options"): (1, 28),
    ("StatusResponse", "features"): (1, 36),
    ("StatusResponse", "runtime_handlers"): (1, 30),
}
"""Fields of the CRI that older versions of crictl do not know, and so drop."""

_NEWER = {("ImageSpec", "imageRef"): (1, 36)}
"""The other way round: fields that crictl knows and our stubs do not, as they are printed; empty, here."""


class Version:
    """One version of crictl."""

    def __init__(self, number: str) -> None:
        self.number = number
        major, minor, _ = number.split(".")
        self._numbers = (int(major), int(minor))
        self._place = VERSIONS.index(number)

    def since(self, major: int, minor: int) -> bool:
        return self._numbers >= (major, minor)

    @property
    def protojson(self) -> bool:
        """Since 1.31: one array for many, and nothing for a message that is not set."""
        return self.since(1, 31)

    def knows(self, message: str, field: str) -> bool:
        return self._numbers >= _SINCE.get((message, field), (0, 0))

    def beyond(self, message: str) -> list[str]:
        """The fields of a message that it prints and our stubs lack."""
        return [field for (name, field), since in _NEWER.items() if name == message and self._numbers >= since]

    def logs_at(self, call: str) -> int:
        """The line of ``remote_runtime.go`` that logs this call's failure, or 0."""
        return _LINES[call][self._place] if call in _LINES else 0


def chosen() -> Version:
    return Version(os.environ.get(VARIABLE, NEWEST))
