"""A runtime with any number of pods that are nothing but names, behind a real socket."""

from __future__ import annotations

import json
import time
from typing import Any

import grpc
from cri_api.v1 import api_pb2

from tests.crictl_standin.fake_runtime import FakeRuntime

MEMBERS = ("a", "b")


class Crowd(FakeRuntime):
    """Pods of two members each; ``end`` ends one."""

    def __init__(self, pods: int) -> None:
        now = time.time_ns()
        self._pods = {f"{number:064x}": self._sandbox_of(number, now) for number in range(1, pods + 1)}
        self._members = {
            f"{place:032x}{sandbox[32:]}": self._container_of(f"{place:032x}{sandbox[32:]}", name, pod)
            for sandbox, pod in self._pods.items()
            for place, name in enumerate(MEMBERS, 1)
        }

    def end(self, number: int, name: str) -> None:
        id_ = f"{MEMBERS.index(name) + 1:032x}{number:032x}"
        self._members[id_].state = api_pb2.CONTAINER_EXITED

    def answer(self, call: str, request: Any, context: grpc.ServicerContext) -> Any:
        match call:
            case "Version":
                return api_pb2.VersionResponse(
                    version="0.1.0", runtime_name="containerd", runtime_version="1.7.0", runtime_api_version="v1"
                )
            case "ListPodSandbox":
                return api_pb2.ListPodSandboxResponse(items=self._pods.values())
            case "ListContainers":
                return api_pb2.ListContainersResponse(containers=self._members.values())
            case "PodSandboxStatus":
                return self._sandbox_status(self._pods[request.pod_sandbox_id])
            case "ContainerStatus":
                return self._container_status(self._members[request.container_id])
        return getattr(api_pb2, f"{call}Response")()

    @staticmethod
    def _sandbox_of(number: int, now: int) -> Any:
        about = api_pb2.PodSandboxMetadata(name=f"p{number:03}", uid=f"uid-{number}", namespace="crowd")
        return api_pb2.PodSandbox(id=f"{number:064x}", metadata=about, created_at=now - number)

    @staticmethod
    def _container_of(id_: str, name: str, pod: Any) -> Any:
        return api_pb2.Container(
            id=id_,
            pod_sandbox_id=pod.id,
            metadata=api_pb2.ContainerMetadata(name=name),
            state=api_pb2.CONTAINER_RUNNING,
            created_at=pod.created_at,
        )

    @staticmethod
    def _sandbox_status(pod: Any) -> Any:
        status = api_pb2.PodSandboxStatus(id=pod.id, metadata=pod.metadata, created_at=pod.created_at)
        status.network.ip = "10.0.0.1"
        return api_pb2.PodSandboxStatusResponse(status=status, info={"info": json.dumps({"pid": 0})})

    @staticmethod
    def _container_status(one: Any) -> Any:
        status = api_pb2.ContainerStatus(
            id=one.id, metadata=one.metadata, state=one.state, created_at=one.created_at, started_at=one.created_at
        )
        if one.state == api_pb2.CONTAINER_EXITED:
            status.exit_code, status.reason, status.finished_at = 3, "Error", one.created_at + 1
        return api_pb2.ContainerStatusResponse(status=status, info={"info": json.dumps({"pid": 0})})
