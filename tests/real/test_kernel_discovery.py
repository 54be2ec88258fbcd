"""Who is found, and in which namespaces."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pausetui.core.namespaces import KINDS, NamespaceKind
from pausetui.core.observation import Process
from pausetui.kernel.observer import Observer
from tests.factories import own_kinds
from tests.real.spawn import output_of, python, sleeping
from tests.waiting import until

pytestmark = pytest.mark.real

ALONE = [NamespaceKind.UTS, NamespaceKind.IPC, NamespaceKind.USER, NamespaceKind.CGROUP, NamespaceKind.NET]


@pytest.fixture
def observer() -> Iterator[Observer]:
    with closing(Observer()) as made:
        yield made


def labels(pid: int | str, task: str = "") -> dict[str, str]:
    return {kind: os.readlink(f"/proc/{pid}{task}/ns/{kind}") for kind in KINDS}


def shown(process: Process) -> dict[str, str]:
    return {namespace.kind: namespace.label for namespace in process.namespaces.known()}


@pytest.mark.parametrize("kind", ALONE)
def test_a_process_with_one_namespace_of_its_own_is_found(observer: Observer, kind: NamespaceKind) -> None:
    with sleeping(kind) as process:
        observation = observer.observe()
        found = observation.processes[process.pid]
    # A new user namespace is all that differs too: the others stay.
    assert own_kinds(observation, found) == (kind,)


def test_all_eight_kinds_are_those_of_proc(observer: Observer) -> None:
    with sleeping(NamespaceKind.NET, NamespaceKind.MNT, NamespaceKind.TIME) as process:
        assert shown(observer.observe().processes[process.pid]) == labels(process.pid)


def test_the_host_is_what_this_process_is_in(observer: Observer) -> None:
    observation = observer.observe()
    assert own_kinds(observation, observation.processes[os.getpid()]) == ()
    assert {namespace.kind for namespace in observation.host.known()} == set(KINDS)


def test_a_process_that_comes_between_two_looks_is_found_and_one_that_goes_is_not(observer: Observer) -> None:
    observer.observe()
    with sleeping(NamespaceKind.UTS) as process:
        assert process.pid in observer.observe().processes
    assert process.pid not in observer.observe().processes


def test_an_unchanged_process_is_the_same_object(observer: Observer) -> None:
    with sleeping(NamespaceKind.UTS) as process:
        until(lambda: observer.observe().processes[process.pid].name == "sleep")
        first = observer.observe().processes[process.pid]
        assert observer.observe().processes[process.pid] is first


def test_a_host_process_that_joined_a_pods_network_is_found_there(observer: Observer) -> None:
    with sleeping(NamespaceKind.NET, NamespaceKind.IPC) as pause:
        net = observer.observe().processes[pause.pid].namespaces.net
        with sleeping(argv=("nsenter", "-n", "-t", str(pause.pid), "sleep", "infinity")) as shell:
            until(lambda: observer.observe().processes[shell.pid].namespaces.net == net)
            observation = observer.observe()
            assert own_kinds(observation, observation.processes[shell.pid]) == (NamespaceKind.NET,)


def test_a_thread_in_another_network_is_found(observer: Observer) -> None:
    code = """
import ctypes, threading
def elsewhere():
    ctypes.CDLL(None).unshare(0x40000000)
    print(threading.get_native_id(), flush=True)
    threading.Event().wait()
threading.Thread(target=elsewhere).start()
"""
    with sleeping(argv=python(code)) as process:
        assert process.stdout is not None
        tid = int(process.stdout.readline())
        observation = observer.observe()
        found = observation.processes[process.pid]
        (thread,) = found.threads
        assert thread.tid == tid
        assert thread.namespaces.net is not None
        assert thread.namespaces.net.label == labels(process.pid, f"/task/{tid}")["net"]
        assert found.namespaces.net == observation.host.net
        assert thread.namespaces.net in observation.networks


def test_a_process_whose_main_thread_has_ended_is_still_in_its_namespaces(observer: Observer) -> None:
    code = """
import ctypes, threading
libc = ctypes.CDLL(None)
libc.unshare(0x40000000)
def live():
    print(flush=True)
    threading.Event().wait()
threading.Thread(target=live).start()
libc.pthread_exit(None)
"""
    with sleeping(argv=python(code)) as process:
        assert process.stdout is not None
        process.stdout.readline()
        until(lambda: Path(f"/proc/{process.pid}/stat").read_text().split()[2] == "Z")
        found = observer.observe().processes[process.pid]
    assert not found.zombie
    assert found.namespaces.net is not None


def test_a_zombie_holds_nothing(observer: Observer) -> None:
    with sleeping(NamespaceKind.NET) as process:
        net = observer.observe().processes[process.pid].namespaces.net
        process.kill()
        until(lambda: observer.observe().processes[process.pid].zombie)
        observation = observer.observe()
        assert observation.processes[process.pid].namespaces.unreadable
        assert observation.vitals[observation.processes[process.pid].id].state == "Z"
        assert net not in observation.networks
        assert observation.hidden == len([pid for pid in observation.processes if not readable(pid)])


def readable(pid: int) -> bool:
    try:
        os.readlink(f"/proc/{pid}/ns/net")
    except PermissionError:
        return False
    except FileNotFoundError:
        return True
    return True


def test_a_zombie_that_was_reaped_is_gone(observer: Observer) -> None:
    with sleeping(NamespaceKind.NET) as process:
        process.kill()
        until(lambda: observer.observe().processes[process.pid].zombie)
        process.wait()
        assert process.pid not in observer.observe().processes


def test_a_nested_pid_and_the_command_line_are_read(observer: Observer) -> None:
    with sleeping(argv=("unshare", "-pf", "--kill-child", "sleep", "infinity")) as outer:

        def inner() -> Process | None:
            processes = observer.observe().processes.values()
            return next((one for one in processes if one.parent == outer.pid and one.name == "sleep"), None)

        found = until(inner)
    assert found.namespace_pids == (found.pid, 1)
    assert found.command == ("sleep", "infinity")


def test_a_program_that_is_exchanged_gets_its_new_name(observer: Observer) -> None:
    code = """
import ctypes, os, signal
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
ctypes.CDLL(None).unshare(0x04000000)
print(flush=True)
signal.sigwait({signal.SIGUSR1})
os.execlp("sleep", "sleep", "1000")
"""
    with sleeping(argv=python(code)) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert observer.observe().processes[process.pid].name.startswith("python")
        process.send_signal(signal.SIGUSR1)
        until(lambda: observer.observe().processes[process.pid].command == ("sleep", "1000"))
        assert observer.observe().processes[process.pid].name == "sleep"


def test_without_descriptors_to_spare_ends_and_new_owners_of_a_pid_are_still_seen() -> None:
    code = """
import os, resource, subprocess
from pausetui.kernel.observer import Observer
resource.setrlimit(resource.RLIMIT_NOFILE, (260, 260))
observer = Observer()
observer.observe()
pods = [subprocess.Popen(["sleep", "1000"]) for _ in range(20)]
seen = observer.observe().processes
print(all(pod.pid in seen for pod in pods), len(observer._found.deaths._pidfds) <= 4)
pods[0].kill()
os.waitid(os.P_PID, pods[0].pid, os.WEXITED | os.WNOWAIT)
print(observer.observe().processes[pods[0].pid].zombie)
for pod in pods:
    pod.kill()
    pod.wait()
print(any(pod.pid in observer.observe().processes for pod in pods))
observer.close()
"""
    assert output_of(python(code)).split() == ["True", "True", "True", "False"]


def test_the_soft_limit_of_descriptors_is_raised_when_it_is_needed() -> None:
    code = """
import resource, subprocess
from pausetui.kernel.observer import Observer
from tests.factories import own_kinds
resource.setrlimit(resource.RLIMIT_NOFILE, (270, 4000))
pods = [subprocess.Popen(["sleep", "1000"]) for _ in range(30)]
observer = Observer()
observer.observe()
print(len(observer._found.deaths._pidfds) >= 30, resource.getrlimit(resource.RLIMIT_NOFILE)[0] > 270)
for pod in pods:
    pod.kill()
    pod.wait()
observer.close()
"""
    assert output_of(python(code)).split() == ["True", "True"]
