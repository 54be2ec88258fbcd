"""crictl's configuration file, as far as it is read here."""

from __future__ import annotations

import pytest

from pausetui.backends.crictl.config import Config, NotUnderstood, Refused, parse

SOCKET = "unix:///run/containerd/containerd.sock"


@pytest.mark.parametrize(
    "text",
    [
        f"runtime-endpoint: {SOCKET}\nimage-endpoint: {SOCKET}\ntimeout: 10\ndebug: false\n",
        f"runtime-endpoint: '{SOCKET}'\ntimeout: '10'\n",
        f'"runtime-endpoint": "{SOCKET}"\n"timeout" : "10"\n',
        f"---\n# ours\nruntime-endpoint:   {SOCKET}   # the usual one\n\ntimeout: 10 # s\n...\n",
        f"runtime-endpoint: {SOCKET}\r\ntimeout: 10\r\npull-image-on-create: true\r\n",
    ],
    ids=["plain", "single quotes", "double quotes", "comments", "other keys and line ends"],
)
def test_endpoint_and_timeout_are_read_however_they_are_written(text: str) -> None:
    assert parse(text) == Config(SOCKET, 10.0)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing\n",
        "runtime-endpoint:\n",
        'runtime-endpoint: ""\n',
        "runtime-endpoint: ~ # none\n",
        "timeout: 0",
    ],
)
def test_a_file_may_name_no_endpoint_and_no_timeout(text: str) -> None:
    assert parse(text) == Config("", None)


@pytest.mark.parametrize(
    "text", [f"runtime-endpoint: {SOCKET}\nno-such-key: 1\n", "timeout: soon\n", "timeout: 2s"]
)
def test_what_crictl_refuses_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "runtime-endpoint: [oh\n\tno: {\n",
        f"{{runtime-endpoint: {SOCKET}}}\n",
        f"runtime-endpoint: >\n  {SOCKET}\n",
        f'runtime-endpoint: "{SOCKET[:-1]}\\x6b"\n',
        f"runtime-endpoint: &here {SOCKET}\n",
        f"  runtime-endpoint: {SOCKET}\n",
        f"runtime-endpoint:{SOCKET}\n",
        f"runtime-endpoint: '{SOCKET}\n",
        f"runtime-endpoint: {SOCKET}#1\n",
    ],
)
def test_what_only_yaml_can_tell_is_left_to_crictl(text: str) -> None:
    with pytest.raises(NotUnderstood):
        parse(text)
