"""Messages of the CRI as crictl prints them."""

from __future__ import annotations

import base64
import json
import time
from typing import TypeAlias

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from tests.crictl_standin.versions import Version

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

_WIDE = {
    FieldDescriptor.TYPE_INT64,
    FieldDescriptor.TYPE_UINT64,
    FieldDescriptor.TYPE_SINT64,
    FieldDescriptor.TYPE_FIXED64,
    FieldDescriptor.TYPE_SFIXED64,
}
_TIMES = ("createdAt", "startedAt", "finishedAt")
NEVER = "0001-01-01T00:00:00Z"


def shaped(message: Message, version: Version) -> dict[str, Json]:
    """A message with all its fields, as gogo's jsonpb (up to 1.30) or protojson (since 1.31) makes it."""
    kind = message.DESCRIPTOR
    out: dict[str, Json] = {}
    for field in kind.fields:
        if not version.knows(kind.name, field.name):
            continue
        value = getattr(message, field.name)
        if _is_map(field):
            value_field = field.message_type.fields_by_name["value"]
            out[field.json_name] = {str(key): _one(value_field, value[key], version) for key in sorted(value)}
        elif field.is_repeated:
            out[field.json_name] = [_one(field, each, version) for each in value]
        elif field.type != FieldDescriptor.TYPE_MESSAGE or message.HasField(field.name):
            out[field.json_name] = _one(field, value, version)
        elif not version.protojson or (kind.name, field.name) == ("ContainerStatus", "user"):
            out[field.json_name] = None
    return out | dict.fromkeys(version.beyond(kind.name), "")


def with_status(response: Message, version: Version, *, quiet: bool = False) -> dict[str, Json]:
    """What ``inspect``, ``inspectp`` and ``info`` print of a response: its status, and what it says beside."""
    status = shaped(response.status, version)
    for name in _TIMES:
        if isinstance(value := status.get(name), str):
            status[name] = rfc3339(int(value))
    out: dict[str, Json] = {"status": {key: _ordered(value) for key, value in status.items()}}
    if not quiet:
        out |= info(response.info)
    return _sorted(out) if version.protojson else out


def info(said: dict[str, str]) -> dict[str, Json]:
    """The runtime's own words; where they are JSON, decoded."""
    out: dict[str, Json] = {}
    for key in sorted(said):
        try:
            out[key] = json.loads(said[key])
        except ValueError:
            out[key] = said[key]
    return out


def rfc3339(nanoseconds: int) -> str:
    """Go's RFC3339Nano in local time; what never happened is year 1."""
    if nanoseconds == 0:
        return NEVER
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    local = time.localtime(seconds)
    fraction = f".{rest:09}".rstrip("0") if rest else ""
    offset = time.strftime("%z", local)
    zone = "Z" if offset == "+0000" else f"{offset[:3]}:{offset[3:]}"
    return time.strftime("%Y-%m-%dT%H:%M:%S", local) + fraction + zone


def printed(value: Json) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _one(field: FieldDescriptor, value: object, version: Version) -> Json:
    if isinstance(value, Message):
        return shaped(value, version)
    if field.enum_type is not None and isinstance(value, int):
        known = field.enum_type.values_by_number.get(value)
        return value if known is None else known.name
    if field.type in _WIDE:
        return str(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    assert isinstance(value, (str, int, float, bool))
    return value


def _is_map(field: FieldDescriptor) -> bool:
    return field.message_type is not None and field.message_type.GetOptions().map_entry


def _ordered(value: Json) -> Json:
    if isinstance(value, dict):
        return _sorted(value)
    return [_ordered(each) for each in value] if isinstance(value, list) else value


def _sorted(value: dict[str, Json]) -> dict[str, Json]:
    return {key: _ordered(value[key]) for key in sorted(value)}
