"""Calls to the runtime, with errors in the words that gRPC has in Go."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from typing import Any

import grpc
from cri_api.v1 import api_pb2
from google.protobuf.message import Message

from tests.crictl_standin.endpoint import Asked
from tests.crictl_standin.said import Fatal, klog, log
from tests.crictl_standin.versions import Version

MOST = 16 * 2**20
"""Bytes of an answer."""
_HUNG = "context deadline exceeded"


class GoError(Exception):
    """A call that failed; its text is what Go prints."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(f"rpc error: code = {code} desc = {reason}")
        self.code = code


class Runtime:
    """The runtime that answered."""

    def __init__(self, path: str, timeout: float, version: Version) -> None:
        self._channel = grpc.insecure_channel(f"unix:{path}", [("grpc.max_receive_message_length", MOST)])
        self.timeout = timeout
        self.version = version
        self._old = False

    def call(self, name: str, request: Message, *, more: float | None = 0, **told: str) -> Any:
        """One call; ``more`` seconds are added to its limit, None takes it away. ``told`` is for the log.

        Raises:
            GoError: It failed.
        """
        try:
            return self._call(name, request, None if more is None else self.timeout + more)
        except GoError as wrong:
            if line := self.version.logs_at(name):
                filtered = " with filter" if name.startswith("List") else ""
                words = f"{name}{filtered} from runtime service failed"
                klog("E", f"remote_runtime.go:{line}", words, err=str(wrong), **told)
            raise

    def events(self) -> Iterator[Message]:
        """The runtime's events, for ever.

        Raises:
            GoError: It has none, or ended.
        """
        call = self._channel.unary_stream(
            "/runtime.v1.RuntimeService/GetContainerEvents",
            request_serializer=api_pb2.GetEventsRequest.SerializeToString,
            response_deserializer=api_pb2.ContainerEventResponse.FromString,
        )
        try:
            yield from call(api_pb2.GetEventsRequest())
        except grpc.RpcError as error:
            wrong = self._in_go(error)
            line = self.version.logs_at("GetContainerEvents")
            klog("E", f"remote_runtime.go:{line}", "failed to receive streaming container event", err=str(wrong))
            raise wrong from None

    def validate(self) -> None:
        """The call that crictl makes before any other.

        Raises:
            GoError: It doesn't answer; 1.24 then tries the CRI before v1, with whatever was asked for.
        """
        try:
            self._call("Version", api_pb2.VersionRequest(), self.timeout)
        except GoError as wrong:
            if wrong.code != "Unimplemented" or self.version.since(1, 28):
                raise
            self._old = True

    def _call(self, name: str, request: Message, timeout: float | None) -> Any:
        service = "ImageService" if "Image" in name else "RuntimeService"
        call = self._channel.unary_unary(
            f"/runtime.v1.{service}/{name}",
            request_serializer=type(request).SerializeToString,
            response_deserializer=getattr(api_pb2, f"{name}Response").FromString,
        )
        try:
            return call(request, timeout=timeout)
        except grpc.RpcError as error:
            raise self._in_go(error) from None

    def _in_go(self, error: Any) -> GoError:
        code, reason = error.code().name, error.details() or ""
        if code == "DEADLINE_EXCEEDED":
            reason = _HUNG
        elif code == "UNAVAILABLE":
            reason = "error reading from server: EOF"
        if self._old:
            reason = reason.replace("runtime.v1.", "runtime.v1alpha2.")
        return GoError(code.title().replace("_", ""), reason)


def connected(asked: Asked, version: Version) -> Runtime:
    """The first runtime that answers.

    Raises:
        Fatal: None does.
    """
    for endpoint in asked.endpoints:
        try:
            return _connected(endpoint, asked.timeout, version)
        except GoError as wrong:
            prefix = "unable to determine runtime API version"
            if version.since(1, 28):
                prefix = f'validate service connection: validate CRI v1 runtime API for endpoint "{endpoint}"'
            failed = f"{prefix}: {wrong}"
            if len(asked.endpoints) > 1:
                log("error", failed)
    raise Fatal(failed)


def _connected(endpoint: str, timeout: float, version: Version) -> Runtime:
    path = endpoint.removeprefix("unix://")
    try:
        connect(path, timeout)
    except TimeoutError:
        raise GoError("DeadlineExceeded", _HUNG) from None
    except OSError as error:
        colon = ":" if version.since(1, 28) else ""
        reason = os.strerror(error.errno or 0).lower()
        dialing = f"transport: Error while dialing{colon} dial unix {path}: connect: {reason}"
        raise GoError("Unavailable", f'connection error: desc = "{dialing}"') from None
    runtime = Runtime(path, timeout, version)
    try:
        runtime.validate()
    except GoError as wrong:
        if wrong.code == "DeadlineExceeded" and version.protojson:
            raise GoError(wrong.code, f"{_HUNG} while waiting for connections to become ready") from None
        raise
    return runtime


def connect(path: str, timeout: float) -> None:
    """See whether somebody listens there: gRPC's own errors do not have the kernel's words.

    Raises:
        OSError: Nobody, or not for us; TimeoutError if too many wait already.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(timeout)
        probe.connect(path)
