"""The commands that change something."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from cri_api.v1 import api_pb2

from tests.crictl_standin.flags import Parsed
from tests.crictl_standin.help import help_of
from tests.crictl_standin.lists import asking
from tests.crictl_standin.runtime import GoError, Runtime
from tests.crictl_standin.said import Fatal, log


def stop(runtime: Runtime, given: Parsed) -> None:
    if not given.arguments and runtime.version.protojson:
        raise Fatal("you must specify at least one CONTAINER-ID or use --all", plain=True)
    if not given.arguments and runtime.version.since(1, 28):
        raise Fatal("ID cannot be empty")
    grace = int(given.options.get("timeout", "0"))
    for container in given.arguments or _nothing("stop"):
        _stop(runtime, container, grace)


def start(runtime: Runtime, given: Parsed) -> None:
    for container in given.arguments or _nothing("start"):
        wanted = api_pb2.StartContainerRequest(container_id=container)
        words = f'starting the container "{container}"'
        asking(words, lambda wanted=wanted: runtime.call("StartContainer", wanted))  # type: ignore[misc]
        _tell(container)


def stopp(runtime: Runtime, given: Parsed) -> None:
    for pod in given.arguments or _nothing("stopp"):
        _stop_pod(runtime, pod)


def rmp(runtime: Runtime, given: Parsed) -> None:
    pods = given.arguments
    if "all" in given.switches:
        listed = asking(
            "listing pod sandboxes", lambda: runtime.call("ListPodSandbox", api_pb2.ListPodSandboxRequest())
        )
        pods = [pod.id for pod in listed.items]
    failed = _each(pods or _nothing("rmp"), lambda pod: _remove_pod(runtime, pod, force="force" in given.switches))
    if failed:
        raise Fatal(failed[0], plain=not runtime.version.protojson)


def rm(runtime: Runtime, given: Parsed) -> None:
    force = "force" in given.switches
    failed = _each(given.arguments or _nothing("rm"), lambda each: _remove(runtime, each, force=force))
    if failed and runtime.version.protojson:
        raise Fatal(failed[0])
    for each in failed:
        log("error", each)
    if failed:
        raise Fatal("unable to remove container(s)")


def _stop(runtime: Runtime, container: str, grace: int) -> None:
    wanted = api_pb2.StopContainerRequest(container_id=container, timeout=grace)
    words = f'stopping the container "{container}"'
    asking(words, lambda: runtime.call("StopContainer", wanted, more=grace, containerID=container))
    _tell(container)


def _remove(runtime: Runtime, container: str, *, force: bool) -> None:
    wanted = api_pb2.ContainerStatusRequest(container_id=container)
    try:
        status = runtime.call("ContainerStatus", wanted, containerID=container).status
    except GoError as wrong:
        asked = f'getting container status "{container}": ' if runtime.version.protojson else ""
        raise Fatal(f"{asked}{wrong}") from None
    if status.state == api_pb2.CONTAINER_RUNNING:
        if not force:
            raise Fatal(f'container "{container}" is running, please stop it first')
        _stop(runtime, container, 0)
    words = f'removing the container "{container}"'
    asking(words, lambda: runtime.call("RemoveContainer", api_pb2.RemoveContainerRequest(container_id=container)))
    _tell(container)


def _stop_pod(runtime: Runtime, pod: str) -> None:
    wanted = api_pb2.StopPodSandboxRequest(pod_sandbox_id=pod)
    asking(f'stopping the pod sandbox "{pod}"', lambda: runtime.call("StopPodSandbox", wanted, podSandboxID=pod))
    _tell(f"Stopped sandbox {pod}")


def _remove_pod(runtime: Runtime, pod: str, *, force: bool) -> None:
    wanted = api_pb2.PodSandboxStatusRequest(pod_sandbox_id=pod)
    status: Any = asking(
        f'getting sandbox status of pod "{pod}"', lambda: runtime.call("PodSandboxStatus", wanted)
    ).status
    if status.state == api_pb2.SANDBOX_READY:
        if not force:
            raise Fatal(f'pod sandbox "{pod}" is running, please stop it first')
        _stop_pod(runtime, pod)
    removal = api_pb2.RemovePodSandboxRequest(pod_sandbox_id=pod)
    asking(f'removing the pod sandbox "{pod}"', lambda: runtime.call("RemovePodSandbox", removal))
    _tell(f"Removed sandbox {pod}")


def _each(ids: list[str], remove: Callable[[str], None]) -> list[str]:
    """Go on after a failure; the failures."""
    failed = []
    for each in ids:
        try:
            remove(each)
        except Fatal as wrong:
            failed.append(wrong.message)
    return failed


def _nothing(command: str) -> list[str]:
    """Without an id there is help, and no complaint."""
    print(help_of(command))
    return []


def _tell(line: str) -> None:
    print(line)
    sys.stdout.flush()
