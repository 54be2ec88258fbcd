"""Lists: what is asked for, what of it is shown, and how."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any

from cri_api.v1 import api_pb2

from tests.crictl_standin.flags import Parsed
from tests.crictl_standin.runtime import GoError, Runtime
from tests.crictl_standin.said import Fatal
from tests.crictl_standin.shape import printed, shaped


def asking(doing: str, call: Callable[[], Any]) -> Any:
    """The answer of a call.

    Raises:
        Fatal: It failed; says while ``doing`` what.
    """
    try:
        return call()
    except GoError as wrong:
        raise Fatal(f"{doing}: {wrong}") from None


def found_pods(runtime: Runtime, given: Parsed) -> list[Any]:
    """The pods that the options ask for, newest first."""
    chosen = api_pb2.PodSandboxFilter(id=given.options.get("id", ""))
    if state := given.options.get("state"):
        chosen.state.state = api_pb2.PodSandboxState.Value(f"SANDBOX_{state.upper()}")
    told = go_struct("PodSandboxFilter", "Id:", "State:nil")
    wanted = api_pb2.ListPodSandboxRequest(filter=chosen)
    answer = asking("listing pod sandboxes", lambda: runtime.call("ListPodSandbox", wanted, filter=told))
    return [
        pod
        for pod in sorted(answer.items, key=lambda pod: -pod.created_at)
        if re.search(given.options.get("name", ""), pod.metadata.name)
        and re.search(given.options.get("namespace", ""), pod.metadata.namespace)
    ]


def found_containers(runtime: Runtime, given: Parsed) -> list[Any]:
    """The containers that the options ask for, newest first; without any only those that run."""
    options = given.options
    chosen = api_pb2.ContainerFilter(id=options.get("id", ""), pod_sandbox_id=options.get("pod", ""))
    if state := options.get("state", "" if "all" in given.switches or options.get("id") else "running"):
        chosen.state.state = api_pb2.ContainerState.Value(f"CONTAINER_{state.upper()}")
    told = go_struct("ContainerFilter", "Id:", "State:nil", "PodSandboxId:")
    wanted = api_pb2.ListContainersRequest(filter=chosen)
    answer = asking("listing containers", lambda: runtime.call("ListContainers", wanted, filter=told))
    return [
        container
        for container in sorted(answer.containers, key=lambda each: -each.created_at)
        if re.search(options.get("name", ""), container.metadata.name)
    ]


def show(runtime: Runtime, given: Parsed, key: str, doing: str, messages: list[Any]) -> None:
    """Print a list as ``-o`` says; a table is ids and names."""
    output = given.options.get("output", "table")
    if "quiet" in given.switches:
        for each in messages:
            print(each.id)
    elif output == "json":
        print(printed({key: [shaped(each, runtime.version) for each in messages]}))
    elif output == "table":
        for each in messages:
            about = getattr(each, "attributes", each)
            print(f"{about.id[:13]:15} {about.metadata.name if hasattr(about, 'metadata') else ''}")
    else:
        raise Fatal(f'{doing}: unsupported output format "{output}"')
    sys.stdout.flush()


def go_struct(name: str, *fields: str) -> str:
    """A filter in the words of Go's generated ``String``."""
    return f"&{name}{{{','.join(fields)},LabelSelector:map[string]string{{}},}}"
