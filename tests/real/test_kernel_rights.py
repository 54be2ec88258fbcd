"""What is seen, and said, by somebody who may not see everything, or looks at the wrong /proc."""

from __future__ import annotations

import json
from typing import TypedDict

import pytest

from pausetui.core.namespaces import NamespaceKind
from tests.real.spawn import NOBODY, output_of, python, sleeping

pytestmark = pytest.mark.real

TELL = """
import ctypes, encodings.unicode_escape, errno, json, os, sys  # all that is needed later: nobody may not import it
from pausetui.core.actions import Target
from pausetui.core.observation import ProcessId
from pausetui.errors import ActionRefused
from pausetui.kernel.observer import Observer
subject, uid = map(int, sys.argv[1:])
if uid:
    os.setgroups([])
    os.setgid(uid)
    os.setuid(uid)
    ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)  # PR_SET_DUMPABLE: as if started by that user
observer = Observer()
def is_hidden(pid):
    try:
        os.readlink(f"/proc/{pid}/ns/net")
    except OSError as error:
        return error.errno == errno.EACCES
    return False
for attempt in range(50):  # other processes come and go between two looks
    observation = observer.observe()
    hidden = sum(is_hidden(pid) for pid, process in observation.processes.items() if not process.zombie)
    if hidden == observation.hidden:
        break
try:
    observer.open_target(Target(ProcessId(subject, 1))).close()
    refusal = ""
except ActionRefused as error:
    refusal = str(error)
process = observation.processes.get(subject)
print(json.dumps({
    "seen": len(observation.processes), "hidden": observation.hidden, "hidden_by_proc": hidden,
    "problems": [[problem.subject, problem.what, problem.why, problem.next] for problem in observation.problems],
    "read_only": observation.read_only_because, "refusal": refusal, "births": observer.births_are_hinted,
    "name": process and process.name, "net": process and process.namespaces.net is not None,
    "nested": process and len(process.namespace_pids), "descriptors": len(observer._found.deaths._pidfds),
}))
observer.close()
"""


class Told(TypedDict):
    seen: int
    hidden: int
    hidden_by_proc: int
    problems: list[list[str]]
    read_only: str | None
    refusal: str
    births: bool
    name: str | None
    net: bool | None
    nested: int | None
    descriptors: int


def told(*before: str, subject: int = 1, uid: int = 0) -> Told:
    answer: Told = json.loads(output_of([*before, *python(TELL, str(subject), str(uid))]))
    return answer


def test_nobody_sees_every_process_and_how_many_are_hidden() -> None:
    with sleeping(NamespaceKind.NET) as process:
        answer = told(subject=process.pid, uid=NOBODY)
    assert answer["name"] == "sleep"
    assert answer["net"] is False
    assert answer["nested"] == 1
    assert 0 < answer["hidden"] == answer["hidden_by_proc"] < answer["seen"]
    (problem,) = answer["problems"]
    assert problem == ["kernel", "namespaces of some processes", "Permission denied", "run as root"]


def test_nobody_sees_the_namespaces_of_his_own_processes() -> None:
    with sleeping(
        argv=("setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups", "sleep", "infinity")
    ) as process:
        assert told(subject=process.pid, uid=NOBODY)["net"] is True


def test_a_proc_that_is_not_ours_makes_it_read_only() -> None:
    with sleeping(NamespaceKind.NET) as process:
        answer = told("unshare", "-pf", "--kill-child", subject=process.pid)
    assert answer["read_only"] is not None
    assert "belongs to another pid namespace" in answer["read_only"]
    assert "belongs to another pid namespace" in answer["refusal"]
    assert answer["descriptors"] == 0
    assert answer["births"] is False
    assert (answer["name"], answer["net"]) == ("sleep", True)


def test_a_proc_of_our_own_in_a_pid_namespace_is_ours() -> None:
    answer = told("unshare", "-pf", "--mount-proc", "--kill-child")
    assert answer["read_only"] is None
    assert answer["seen"] == 1


def test_a_proc_that_hides_others_shows_our_own_and_says_so() -> None:
    mount = 'mount -t proc -o hidepid=2 proc /proc && exec "$@"'
    answer = told("unshare", "-m", "sh", "-c", mount, "sh", uid=NOBODY)
    assert answer["read_only"] is None
    assert (answer["name"], answer["hidden"]) == (None, 0)
    assert answer["problems"] == [
        ["kernel", "other users' processes", "/proc is mounted with hidepid", "run as root"]
    ]
