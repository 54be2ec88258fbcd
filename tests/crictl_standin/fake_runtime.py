"""A runtime that answers, over a real socket, what a recorded one answered."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import grpc
from cri_api.v1 import api_pb2
from google.protobuf.json_format import ParseDict

from tests.crictl_standin.recordings import Recorded

_TIMES = ("createdAt", "startedAt", "finishedAt")
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
_NOT_FOUND = 'an error occurred when try to find container "{}": not found'
_NO_SANDBOX = "an error occurred when try to find sandbox{}: not found"


class FakeRuntime:
    """Answers from the recorded calls of one version of crictl."""

    def __init__(self, calls: dict[str, Recorded]) -> None:
        self._answers = {
            "ListContainerStats": _first(calls["stats-json"], api_pb2.ListContainerStatsResponse),
            "ListContainers": _first(calls["ps-a-json"], api_pb2.ListContainersResponse),
            "ListImages": _first(calls["images-json"], api_pb2.ListImagesResponse),
            "ListPodSandbox": _first(calls["pods-json"], api_pb2.ListPodSandboxResponse),
            "ListPodSandboxStats": _first(calls["statsp-json"], api_pb2.ListPodSandboxStatsResponse),
            "Status": _status(calls["info"].documents()[0], api_pb2.StatusResponse),
            "Version": _version(calls["version"].out),
        }
        self._sandboxes = _by_id(calls, "inspectp", api_pb2.PodSandboxStatusResponse)
        self._containers = _by_id(calls, "inspect", api_pb2.ContainerStatusResponse)

    def answer(self, call: str, request: Any, context: grpc.ServicerContext) -> Any:
        chosen: dict[str, Callable[[Any, grpc.ServicerContext], Any]] = {
            "ContainerStatus": self._container,
            "ListContainers": self._list_containers,
            "ListContainerStats": self._list_stats,
            "ListPodSandbox": self._list_pods,
            "ListPodSandboxStats": self._list_pod_stats,
            "PodSandboxStatus": self._sandbox,
            "StopContainer": self._stop,
            "StopPodSandbox": self._stop_pod,
        }
        if call in chosen:
            return chosen[call](request, context)
        return self._answers.get(call) or getattr(api_pb2, f"{call}Response")()

    def _container(self, request: Any, context: grpc.ServicerContext) -> Any:
        wanted = request.container_id
        if wanted in self._containers:
            return _without_info(self._containers[wanted], request)
        for each in self._answers["ListContainers"].containers:
            if each.id == wanted:
                return api_pb2.ContainerStatusResponse(status=api_pb2.ContainerStatus(id=wanted, state=each.state))
        return context.abort(grpc.StatusCode.NOT_FOUND, _NOT_FOUND.format(wanted))

    def _sandbox(self, request: Any, context: grpc.ServicerContext) -> Any:
        wanted = request.pod_sandbox_id
        found = [status for key, status in self._sandboxes.items() if key.startswith(wanted)]
        if not wanted:
            words = "an error occurred when try to find sandbox: Prefix can't be empty"
            context.abort(grpc.StatusCode.UNKNOWN, words)
        if not found:
            context.abort(grpc.StatusCode.NOT_FOUND, _NO_SANDBOX.format(""))
        return _without_info(found[0], request)

    def _list_pods(self, request: Any, context: grpc.ServicerContext) -> Any:
        items = self._answers["ListPodSandbox"].items
        return api_pb2.ListPodSandboxResponse(items=[pod for pod in items if pod.id.startswith(request.filter.id)])

    def _list_containers(self, request: Any, context: grpc.ServicerContext) -> Any:
        wanted = request.filter
        return api_pb2.ListContainersResponse(
            containers=[
                each
                for each in self._answers["ListContainers"].containers
                if each.pod_sandbox_id.startswith(wanted.pod_sandbox_id)
                and (not wanted.HasField("state") or each.state == wanted.state.state)
            ]
        )

    def _list_stats(self, request: Any, context: grpc.ServicerContext) -> Any:
        return _only(self._answers["ListContainerStats"], request.filter.id)

    def _list_pod_stats(self, request: Any, context: grpc.ServicerContext) -> Any:
        return _only(self._answers["ListPodSandboxStats"], request.filter.id)

    def _stop(self, request: Any, context: grpc.ServicerContext) -> Any:
        if request.container_id not in {each.id for each in self._answers["ListContainers"].containers}:
            context.abort(grpc.StatusCode.NOT_FOUND, _NOT_FOUND.format(request.container_id))
        return api_pb2.StopContainerResponse()

    def _stop_pod(self, request: Any, context: grpc.ServicerContext) -> Any:
        if request.pod_sandbox_id not in self._sandboxes:
            words = _NO_SANDBOX.format(f' "{request.pod_sandbox_id}"')
            context.abort(grpc.StatusCode.NOT_FOUND, words)
        return api_pb2.StopPodSandboxResponse()


@contextmanager
def served(runtime: FakeRuntime | None, socket: Path) -> Iterator[None]:
    """Listen on ``socket``; without a runtime as containerd does whose CRI plug-in is disabled."""
    server = grpc.server(ThreadPoolExecutor(2), [_Handler(runtime)])
    server.add_insecure_port(f"unix:{socket}")
    server.start()
    try:
        yield
    finally:
        server.stop(None).wait()


class _Handler(grpc.GenericRpcHandler):  # type: ignore[misc]  # grpc is untyped
    def __init__(self, runtime: FakeRuntime | None) -> None:
        self._runtime = runtime

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        service, call = details.method.lstrip("/").split("/")
        if call == "GetContainerEvents":
            return grpc.unary_stream_rpc_method_handler(_no_events)
        name = f"{call}Request"

        def answer(request: bytes, context: grpc.ServicerContext) -> bytes:
            runtime = self._runtime
            if runtime is None:
                return bytes(context.abort(grpc.StatusCode.UNIMPLEMENTED, f"unknown service {service}"))
            said = runtime.answer(call, getattr(api_pb2, name).FromString(request), context)
            return bytes(said.SerializeToString())

        return grpc.unary_unary_rpc_method_handler(answer)


def _no_events(request: bytes, context: grpc.ServicerContext) -> Iterator[bytes]:
    context.abort(grpc.StatusCode.UNIMPLEMENTED, "method GetContainerEvents not implemented")
    yield b""


def _first(call: Recorded, kind: Any) -> Any:
    return ParseDict(call.documents()[0], kind(), ignore_unknown_fields=True)


def _by_id(calls: dict[str, Recorded], command: str, kind: Any) -> dict[str, Any]:
    """The statuses with what the runtime said beside, of the calls before anything was changed."""
    found: dict[str, Any] = {}
    for call in calls.values():
        if call.case.startswith("events"):
            break
        if call.argv[2:3] == (command,) and call.out[:1] in ("{", "[") and "-q" not in call.argv:
            for value in (each for one in call.documents() for each in (one if isinstance(one, list) else [one])):
                found.setdefault(value["status"]["id"], _status(value, kind))
    return found


def _status(value: dict[str, Any], kind: Any) -> Any:
    status = {key: _nanoseconds(each) if key in _TIMES else each for key, each in value["status"].items()}
    told = value["info"] if "info" in value else {key: each for key, each in value.items() if key != "status"}
    answer = ParseDict({"status": status}, kind(), ignore_unknown_fields=True)
    if "info" in value:
        answer.info["info"] = json.dumps(told)
    else:
        for key, each in told.items():
            if key != "runtimeHandlers":
                answer.info[key] = each if isinstance(each, str) else json.dumps(each)
    return answer


def _nanoseconds(text: str) -> int:
    whole, _, fraction = text.rstrip("Z").partition(".")
    moment = datetime.fromisoformat(f"{whole}+00:00")
    if moment.year == 1:
        return 0
    return int((moment - _EPOCH).total_seconds()) * 1_000_000_000 + int(f"{fraction:<09}" if fraction else 0)


def _version(text: str) -> Any:
    lines = dict(line.split(":", 1) for line in text.splitlines())
    return api_pb2.VersionResponse(
        version=lines["Version"].strip(),
        runtime_name=lines["RuntimeName"].strip(),
        runtime_version=lines["RuntimeVersion"].strip(),
        runtime_api_version=lines["RuntimeApiVersion"].strip(),
    )


def _without_info(answer: Any, request: Any) -> Any:
    if request.verbose:
        return answer
    return type(answer)(status=answer.status)


def _only(answer: Any, wanted: str) -> Any:
    return type(answer)(stats=[each for each in answer.stats if each.attributes.id.startswith(wanted)])
