"""Namespaces that a bind mount keeps, made in a mount namespace of our own; others may have pins, too."""

from __future__ import annotations

import json

import pytest

from tests.real.spawn import output_of, python

pytestmark = pytest.mark.real

PREPARE = """
import json, os, select, subprocess, sys, time
from pausetui.kernel.observer import Observer
subprocess.run(["mount", "-t", "tmpfs", "none", "/run"], check=True)
OURS = f"cni-{os.getpid()}-one"
PIN = f"/run/{OURS}\\n"
open(PIN, "w").close()
observer = Observer(identity=sys.argv[1])
pod = subprocess.Popen(["unshare", "-n", "sleep", "infinity"])
while open(f"/proc/{pod.pid}/comm").read() != "sleep\\n":
    time.sleep(0.01)
def inside(*words):
    subprocess.run(["nsenter", "-n", "-t", str(pod.pid), "ip", *words], check=True)
inside("link", "add", "br0", "type", "bridge")
inside("link", "set", "br0", "up")
inside("addr", "add", "10.9.0.9/24", "dev", "br0")
before = observer.observe().processes[pod.pid].namespaces.net
subprocess.run(["mount", "--bind", f"/proc/{pod.pid}/ns/net", PIN], check=True)
woken = bool(select.select([observer.fileno()], [], [], 5)[0])
told = observer.drain()
def pins(seen):
    return [[pin.namespace == before, pin.path.replace(OURS, "OURS")] for pin in seen.pins if OURS in pin.path]
first = observer.observe()
pod.kill()
pod.wait()
second = observer.observe()
"""


def told(code: str, identity: str) -> dict[str, object]:
    answer: dict[str, object] = json.loads(output_of(["unshare", "-m", *python(PREPARE + code, identity)]))
    return answer


@pytest.mark.parametrize("identity", ["ns_id", "cookie", "generation"])
def test_a_pinned_namespace_outlives_its_last_process_and_stays_the_same(identity: str) -> None:
    code = """
print(json.dumps({
    "woken": woken and told,
    "pins": pins(second),
    "addresses": second.networks[before].addresses,
}))
"""
    assert told(code, identity) == {
        "woken": True,
        "pins": [[True, "/run/OURS\\n"]],
        "addresses": ["10.9.0.9"],
    }


@pytest.mark.parametrize("identity", ["ns_id", "cookie", "generation"])
def test_a_process_that_joins_through_the_pin_is_in_the_same_namespace(identity: str) -> None:
    code = """
late = subprocess.Popen(["nsenter", f"--net={PIN}", "sleep", "infinity"])
while open(f"/proc/{late.pid}/comm").read() != "sleep\\n":
    time.sleep(0.01)
print(json.dumps({"same": observer.observe().processes[late.pid].namespaces.net == before}))
late.kill()
late.wait()
"""
    assert told(code, identity) == {"same": True}


@pytest.mark.parametrize("identity", ["ns_id", "cookie", "generation"])
def test_after_the_pin_is_gone_the_number_may_come_back_but_not_the_namespace(identity: str) -> None:
    code = """
subprocess.run(["umount", PIN], check=True)
for attempt in range(2000):
    other = subprocess.Popen(["unshare", "-n", "sleep", "infinity"])
    while open(f"/proc/{other.pid}/comm").read() != "sleep\\n":
        time.sleep(0.001)
    label = os.readlink(f"/proc/{other.pid}/ns/net")
    if label == before.label:
        break
    other.kill()
    other.wait()
after = observer.observe()
print(json.dumps({
    "came_back": label == before.label,
    "same": after.processes[other.pid].namespaces.net == before,
    "pins": pins(after),
}))
other.kill()
other.wait()
"""
    assert told(code, identity) == {"came_back": True, "same": False, "pins": []}


def test_a_pin_in_another_mount_namespace_is_seen_and_identified() -> None:
    code = """
script = "mount -t tmpfs none /run; touch /run/far; mount --bind /proc/self/ns/net /run/far; echo; exec sleep 1000"
far = subprocess.Popen(["unshare", "-mn", "sh", "-c", script], stdout=subprocess.PIPE)
far.stdout.readline()
observer.close()
observer = Observer()
found = observer.observe()
there = found.processes[far.pid].namespaces.net
(pin,) = (pin for pin in found.pins if pin.namespace == there)
print(json.dumps({"path": pin.path, "there": pin.pid == far.pid}))
far.kill()
far.wait()
"""
    assert told(code, "ns_id") == {"path": "/run/far", "there": True}


def test_what_is_said_to_remove_a_pin_in_another_mount_namespace_does_and_the_namespace_ends() -> None:
    code = """
from pausetui.core.belonging import Belonging
from pausetui.core.unclaimed import to_end, unclaimed
from tests.real.test_kernel_leaks import handle_of, is_alive
from tests.waiting import until
script = f"mount --make-rprivate /; umount '{PIN}'; mkdir /run/netns; touch '/run/netns/{OURS}'; " \
    f"unshare --net='/run/netns/{OURS}' sh -c 'echo; read line'; echo; exec sleep 1000"
far = subprocess.Popen(["unshare", "-m", "sh", "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
far.stdout.readline()
(child,) = open(f"/proc/{far.pid}/task/{far.pid}/children").read().split()
handle = handle_of(int(child))
far.stdin.close()
far.stdout.readline()
until(lambda: open(f"/proc/{far.pid}/comm").read() == "sleep\\n")
observer.close()
observer = Observer()
seen = observer.observe()
(left,) = (one for one in unclaimed((), seen, Belonging(seen, {}, {})) if one.paths == (f"/run/netns/{OURS}",))
command = to_end(left, left.paths[0])
alive = is_alive(handle)
plain = subprocess.run(["umount", left.paths[0]], stderr=subprocess.DEVNULL).returncode
done = subprocess.run(["sh", "-c", command]).returncode
until(lambda: not is_alive(handle), what="the end of the namespace")
left_there = os.path.exists(f"/proc/{far.pid}/root{left.paths[0]}")
print(json.dumps({"alive": alive, "plain": plain != 0, "done": done, "left there": left_there}))
far.kill()
far.wait()
"""
    assert told(code, "ns_id") == {"alive": True, "plain": True, "done": 0, "left there": False}


def test_looking_at_a_pin_does_not_hold_it() -> None:
    code = """
subprocess.run(["umount", PIN], check=True)
links = [os.readlink(f"/proc/self/fd/{name}") for name in os.listdir("/proc/self/fd") if os.path.exists(
    f"/proc/self/fd/{name}")]
print(json.dumps({"held": [link for link in links if link.startswith("net:")]}))
"""
    answer = told(code, "ns_id")
    # The visitor keeps the way back to where it came from open, and nothing else.
    assert len(answer["held"]) <= 1  # type: ignore[arg-type]  # a list, from JSON
