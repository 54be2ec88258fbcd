"""The commands that look."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import Any

from cri_api.v1 import api_pb2
from google.protobuf.message import Message

from tests.crictl_standin.flags import Parsed
from tests.crictl_standin.help import help_of
from tests.crictl_standin.lists import asking, found_containers, found_pods, go_struct, show
from tests.crictl_standin.runtime import GoError, Runtime
from tests.crictl_standin.said import Fatal, log
from tests.crictl_standin.shape import Json, printed, shaped, with_status


def version(runtime: Runtime, given: Parsed) -> None:
    answer = asking("getting the runtime version", lambda: runtime.call("Version", api_pb2.VersionRequest()))
    print(f"Version:  {answer.version}")
    print(f"RuntimeName:  {answer.runtime_name}")
    print(f"RuntimeVersion:  {answer.runtime_version}")
    print(f"RuntimeApiVersion:  {answer.runtime_api_version}")


def info(runtime: Runtime, given: Parsed) -> None:
    wanted = api_pb2.StatusRequest(verbose="quiet" not in given.switches)
    answer = asking("getting status of runtime", lambda: runtime.call("Status", wanted))
    shape = with_status(answer, runtime.version)
    if runtime.version.since(1, 30) and not runtime.version.protojson:
        shape = {"status": shape.pop("status"), "runtimeHandlers": None, **shape}
    print(printed(shape))


def pods(runtime: Runtime, given: Parsed) -> None:
    show(runtime, given, "items", "listing pod sandboxes", found_pods(runtime, given))


def ps(runtime: Runtime, given: Parsed) -> None:
    show(runtime, given, "containers", "listing containers", found_containers(runtime, given))


def inspectp(runtime: Runtime, given: Parsed) -> None:
    def status(pod: str) -> Message:
        wanted = api_pb2.PodSandboxStatusRequest(pod_sandbox_id=pod, verbose="quiet" not in given.switches)
        if not pod and not runtime.version.protojson:
            raise Fatal(f'getting the pod sandbox status for "{pod}": ID cannot be empty')
        return runtime.call("PodSandboxStatus", wanted)

    ids = given.arguments
    if not ids and runtime.version.protojson:
        ids = [pod.id for pod in found_pods(runtime, given)]
    prefix = 'getting the pod sandbox status for "{id}"'
    if runtime.version.protojson:
        prefix = "get the status of pod sandboxes: get pod sandbox status"
    inspected(runtime, given, "inspectp", ids, status, prefix)


def inspect(runtime: Runtime, given: Parsed) -> None:
    def status(container: str) -> Message:
        wanted = api_pb2.ContainerStatusRequest(container_id=container, verbose="quiet" not in given.switches)
        return runtime.call("ContainerStatus", wanted, containerID=container)

    ids = given.arguments
    if not ids and runtime.version.protojson:
        # Only the state is filtered by, in 1.36.
        ids = [each.id for each in found_containers(runtime, Parsed())]
    elif not ids and runtime.version.since(1, 28):
        raise Fatal("ID cannot be empty")
    prefix = 'getting the status of the container "{id}"'
    if runtime.version.protojson:
        prefix = "get the status of containers: get container status"
    inspected(runtime, given, "inspect", ids, status, prefix)


def stats(runtime: Runtime, given: Parsed) -> None:
    chosen = api_pb2.ContainerStatsFilter(
        id=given.options.get("id", ""), pod_sandbox_id=given.options.get("pod", "")
    )
    limit = 0 if runtime.version.since(1, 30) else None
    told = go_struct("ContainerStatsFilter", "Id:", "PodSandboxId:") if not runtime.version.protojson else ""
    answer = asking(
        "get container stats",
        lambda: runtime.call(
            "ListContainerStats", api_pb2.ListContainerStatsRequest(filter=chosen), more=limit, filter=told
        ),
    )
    show(runtime, given, "stats", "get container stats", sorted(answer.stats, key=lambda each: each.attributes.id))


def statsp(runtime: Runtime, given: Parsed) -> None:
    chosen = api_pb2.PodSandboxStatsFilter(id=given.options.get("id", ""))
    words = "get pod stats: list pod sandbox stats"
    if not runtime.version.since(1, 28):
        words = "get pod stats: display pod stats: list pod sandbox stats"
    told = go_struct("PodSandboxStatsFilter", "Id:") if not runtime.version.protojson else ""
    wanted = api_pb2.ListPodSandboxStatsRequest(filter=chosen)
    answer = asking(words, lambda: runtime.call("ListPodSandboxStats", wanted, filter=told))
    show(runtime, given, "stats", words, sorted(answer.stats, key=lambda each: each.attributes.id))


def images(runtime: Runtime, given: Parsed) -> None:
    answer = asking("listing images", lambda: runtime.call("ListImages", api_pb2.ListImagesRequest()))
    show(runtime, given, "images", "listing images", sorted(answer.images, key=lambda each: list(each.repo_tags)))


def inspecti(runtime: Runtime, given: Parsed) -> None:
    for image in given.arguments:
        wanted = api_pb2.ImageStatusRequest(image=api_pb2.ImageSpec(image=image), verbose=True)
        words = f'image status for "{image}" request'
        answer = asking(words, lambda wanted=wanted: runtime.call("ImageStatus", wanted))  # type: ignore[misc]
        if not answer.HasField("image"):
            raise Fatal(f'no such image "{image}" present')
        shape = with_status(_ImageStatus(answer), runtime.version, quiet="quiet" in given.switches)
        print(printed(shape))


class _ImageStatus:
    """The one answer that does not call its status that."""

    def __init__(self, answer: Any) -> None:
        self.status = answer.image
        self.info = answer.info


def events(runtime: Runtime, given: Parsed) -> None:
    if runtime.version.protojson:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _interrupted)
    try:
        for event in runtime.events():
            print(printed(shaped(event, runtime.version)), flush=True)
    except GoError as wrong:
        raise Fatal(f"getting container events: {wrong}") from None


def _interrupted(number: int, frame: object) -> None:
    raise Fatal("getting container events: interrupted: context canceled")


def inspected(
    runtime: Runtime,
    given: Parsed,
    command: str,
    ids: list[str],
    status: Callable[[str], Any],
    prefix: str,
) -> None:
    """Print a document an id up to 1.30, so that those before a failure are printed; then all at once, or none."""
    if not ids:
        if runtime.version.protojson:
            log("error", "No IDs provided or nothing found per filter")
        print(help_of(command))
        return
    shapes: list[Json] = []
    for each in ids:
        answer = asking(prefix.format(id=each), lambda each=each: status(each))  # type: ignore[misc]
        shape = with_status(answer, runtime.version, quiet="quiet" in given.switches)
        if runtime.version.protojson:
            shapes.append(shape)
        else:
            print(printed(shape), flush=True)
    if shapes:
        print(printed(shapes if len(shapes) > 1 else shapes[0]))
