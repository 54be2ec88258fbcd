"""What the lab says where it cannot be, and that it does not mind what the host has."""

from __future__ import annotations

import os
import pwd
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from pausetui.errors import CannotLook
from pausetui.lab import client, owner
from pausetui.lab.names import as_address, socket_name
from tests.real import labs
from tests.real.labs import pausetui
from tests.waiting import until

pytestmark = pytest.mark.real

UP_AND_DOWN = f"{sys.executable} -m pausetui lab up web mesh && {sys.executable} -m pausetui lab down"
NOBODY = pwd.getpwnam("nobody").pw_uid


@pytest.fixture(autouse=True)
def _a_name_of_its_own() -> Iterator[None]:
    with labs.named_lab():
        yield


def _in_a_network(script: str) -> subprocess.CompletedProcess[str]:
    """Run a shell script in a network (and mount) namespace of its own."""
    return subprocess.run(
        ["unshare", "-nm", "sh", "-ec", script],
        cwd=labs.ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_lab_already_up_is_named_with_what_to_do() -> None:
    with owner.start(["web"]) as lab:
        lab.wait_started()
        second = pausetui("lab", "up", "web")
    assert second.returncode == 2
    assert f"a lab is already up (pid {lab.pid})" in second.stderr
    assert "pausetui --backend lab" in second.stderr
    assert "pausetui lab down" in second.stderr


def test_two_started_at_once_do_not_disturb_each_other() -> None:
    commands = [
        subprocess.Popen(
            [sys.executable, "-m", "pausetui", "lab", "up", "web"],
            cwd=labs.ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(4)
    ]
    codes = sorted(command.wait(30) for command in commands)
    assert codes == [0, 2, 2, 2]
    assert not client.status().waiting
    client.down()


def test_a_name_held_by_another_user_is_said_and_not_believed() -> None:
    program = (
        "import os, socket, sys; os.setuid(int(sys.argv[1])); s = socket.socket(socket.AF_UNIX); s.bind('\\0' + "
        "sys.argv[2]); s.listen(); print('up', flush=True); sys.stdin.read()"
    )
    squatter = subprocess.Popen(
        [sys.executable, "-c", program, str(NOBODY), socket_name()[1:]],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with squatter:
        assert squatter.stdout is not None
        assert squatter.stdout.readline() == "up\n"
        for ask in (client.status, lambda: owner.start(["web"])):
            with pytest.raises(CannotLook, match=f"held by pid {squatter.pid} of user {NOBODY}, who is not you"):
                ask()
        squatter.kill()


def test_another_user_is_not_answered() -> None:
    program = (
        "import os, socket, sys; os.setuid(int(sys.argv[1])); s = socket.socket(socket.AF_UNIX); s.connect('\\0' + "
        'sys.argv[2]); s.settimeout(5); s.send(b\'{"ask": "down"}\\n\'); print(len(s.recv(100)))'
    )
    with labs.lab("web") as lab:
        asked = subprocess.run(
            [sys.executable, "-c", program, str(NOBODY), socket_name()[1:]],
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
        assert asked.stdout.strip() == "0" or "ConnectionResetError" in asked.stderr or "BrokenPipe" in asked.stderr
        assert lab.pod("web").name == "web"


def test_no_lab_is_said_with_how_to_start_one() -> None:
    status = pausetui("lab", "status")
    assert status.returncode == 2
    assert "none is up. Start one with: pausetui lab up" in status.stderr


def test_an_unknown_scenario_is_answered_with_the_known_ones() -> None:
    done = pausetui("lab", "up", "wbe")
    assert done.returncode == 2
    assert "'wbe'" in done.stderr
    assert "web, sidecar, mesh, init, shared-pid, no-pause" in done.stderr


def test_a_host_bridge_of_the_same_name_and_its_address_range_in_use_do_not_matter() -> None:
    script = (
        "ip link set lo up; ip link add lab0 type bridge; ip addr add 10.244.1.1/24 dev lab0; ip link set lab0 up; "
        "ip link add veth1 type veth peer name veth2; ip addr add 10.244.1.2/24 dev veth1; "
        f'before=$(ip -o -4 addr); {UP_AND_DOWN}; [ "$before" = "$(ip -o -4 addr)" ]'
    )
    done = _in_a_network(script)
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_needs_no_ip_forwarding() -> None:
    done = _in_a_network(f"mount -t sysfs none /sys; echo 0 > /proc/sys/net/ipv4/ip_forward; {UP_AND_DOWN}")
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_needs_no_network_at_all_on_the_host() -> None:
    done = _in_a_network(UP_AND_DOWN)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_name_that_is_none_is_refused() -> None:
    done = pausetui("lab", "up", env={"PAUSETUI_LAB": "Not a name"})
    assert done.returncode == 2
    assert "at most 32 characters" in done.stderr


def test_what_cannot_be_understood_is_answered_and_does_no_harm() -> None:
    with labs.lab("web") as lab:
        for question in (b"nonsense\n", b'{"ask": "something"}\n', b"[]\n", b"\xff\xfe\n", b"x" * 5000):
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(5)
                connection.connect(as_address(socket_name()))
                connection.sendall(question)
                try:
                    answer = b"".join(iter(lambda: connection.recv(4096), b""))
                except ConnectionResetError:
                    answer = b""
                assert answer in (b'{"error":"ask for status, subscribe or down"}\n', b"")
        assert lab.pod("web").name == "web"


def test_a_subscriber_that_never_reads_does_not_hold_up_the_others() -> None:
    with labs.lab("web", "crashloop") as lab, socket.socket(socket.AF_UNIX) as lazy:
        lazy.connect(as_address(socket_name()))
        lazy.sendall(b'{"ask":"subscribe"}\n')
        for attempt in range(1, 4):
            os.kill(lab.pause("web").pid, 9)
            until(lambda wanted=attempt: lab.pod("web").attempt == wanted and not lab.status().waiting)  # type: ignore[misc]
