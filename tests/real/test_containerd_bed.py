"""The private node that the tests of crictl use: it is as a real one, and it leaves nothing."""

from __future__ import annotations

import json
import lzma
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crictl_standin.recordings import documents, recorded
from tests.crictl_standin.versions import VERSIONS
from tests.real import cri_scenarios
from tests.real.containerd import CRICTLS, ROOT, Bed, containerd
from tests.real.cri_client import RunningPod
from tests.real.cri_specs import Member, pod
from tests.real.labs import namespace
from tests.real.spawn import python
from tests.test_crictl_standin import complaints, paths
from tests.waiting import until

pytestmark = pytest.mark.real

DATA = ROOT / "tests" / "data"
OF_OURS = re.compile(r"\.(config|runtimeSpec|runtimeOptions|mounts\[\])(?!\w)")
"""What depends on how a pod was asked for."""
INTERFACES = {r"\bveth\w+": "veth", r"\b(cni0|cni-\w+)": "bridge"}
UNKNOWN = ("inspectp-unknown", "inspect-unknown", "stop-unknown", "stopp-unknown", "rm-unknown")
NOBODYS = "deadbeef" * 8


@pytest.fixture(scope="module")
def bed() -> Iterator[Bed]:
    with containerd() as running:
        yield running


@pytest.fixture(scope="module")
def web(bed: Bed) -> RunningPod:
    return bed.node.run(cri_scenarios.web())


@pytest.fixture(scope="module")
def agent(bed: Bed) -> RunningPod:
    return bed.node.run(cri_scenarios.node_agent())


@pytest.fixture(scope="module")
def ended(bed: Bed) -> str:
    """A container that exited with 3."""
    crashy = bed.node.run(cri_scenarios.crashy())
    until(lambda: bed.node.status(crashy.members["crasher"]).exit_code == 3, what="the crash")
    return crashy.members["crasher"]


def general(printed: str) -> set[tuple[str, str]]:
    """The keys and types of what was printed, without what differs from pod to pod."""
    found = set()
    for path, kind in paths(documents(printed)):
        for name, general in INTERFACES.items():
            path = re.sub(name, general, path)
        if not OF_OURS.search(path):
            found.add((path, kind))
    return found


@pytest.mark.parametrize("version", CRICTLS)
@pytest.mark.parametrize("case", ["pods-json", "ps-a-json", "images-json", "info"])
def test_a_list_has_the_keys_and_types_of_the_recorded_one(
    bed: Bed, web: RunningPod, ended: str, version: str, case: str
) -> None:
    known = version if version in VERSIONS else VERSIONS[-1]
    real = recorded(known)[case]
    ours = bed.crictl(*real.argv[2:], version=version)
    assert ours.returncode == 0
    assert general(ours.stdout) ^ general(real.out) == set()


@pytest.mark.parametrize("version", CRICTLS)
@pytest.mark.parametrize("case", ["inspectp", "inspectp-hostnet", "inspect", "inspect-exited", "inspectp-two"])
def test_an_inspection_has_the_keys_and_types_of_the_recorded_one(
    bed: Bed, web: RunningPod, agent: RunningPod, ended: str, version: str, case: str
) -> None:
    ids = {
        "inspectp": [web.sandbox],
        "inspectp-hostnet": [agent.sandbox],
        "inspectp-two": [web.sandbox, web.sandbox],
        "inspect": [web.members["nginx"]],
        "inspect-exited": [ended],
    }[case]
    ours = bed.crictl(case.partition("-")[0], *ids, version=version)
    known = version if version in VERSIONS else VERSIONS[-1]
    assert ours.returncode == 0
    assert general(ours.stdout) ^ general(recorded(known)[case].out) == set()


def test_mounts_have_the_keys_and_types_of_those_that_a_kubelet_asked_for(bed: Bed, web: RunningPod) -> None:
    sample = json.loads(lzma.decompress((DATA / "node" / "kill-pause.ndjson.xz").read_bytes()).splitlines()[0])
    theirs = next(each["status"]["mounts"] for each in sample["inspect"] if each["status"]["mounts"])
    ours = json.loads(bed.crictl("inspect", web.members["nginx"]).stdout)["status"]["mounts"]
    assert paths(ours) == paths(theirs)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    "case", ["inspectp-unknown", "inspect-unknown", "stop-unknown", "stopp-unknown", "rm-unknown"]
)
def test_an_id_that_nobody_has_is_answered_as_recorded(bed: Bed, version: str, case: str) -> None:
    real = recorded(version)[case]
    assert real.argv[-1] == NOBODYS
    ours = bed.crictl(*real.argv[2:], version=version)
    said = ours.stderr.replace(f"{bed.bin}/", "/usr/local/bin/")
    assert (ours.returncode, complaints(said)) == (real.rc, complaints(real.err))


@pytest.mark.parametrize("version", VERSIONS)
def test_a_containerd_that_hangs_is_told_as_recorded(bed: Bed, version: str) -> None:
    with bed.hung():
        ours = bed.crictl("-t", "300ms", "pods", "-o", "json", version=version)
    real = recorded(version)["hung-t500ms-pods"]
    assert (ours.returncode, fatal(bed, ours.stderr)) == (real.rc, fatal(bed, real.err))


@pytest.mark.parametrize("version", VERSIONS)
def test_a_shim_that_hangs_fails_its_own_pod_alone(bed: Bed, web: RunningPod, version: str) -> None:
    quiet = bed.node.run(pod("quiet", Member("main")))
    with bed.hung(bed.shim(quiet.sandbox)):
        one = bed.crictl("-t", "300ms", "inspectp", quiet.sandbox, version=version)
        other = bed.crictl("-t", "2s", "inspectp", web.sandbox, version=version)
    bed.node.remove_pod(quiet.spec)
    # Who notices first, containerd or crictl, is a race with the real ones, too.
    gave_up = one.returncode == 1 and "code = DeadlineExceeded desc = context deadline exceeded" in one.stderr
    assert gave_up or json.loads(one.stdout)["info"]["processStatus"] == "unknown"
    assert json.loads(other.stdout)["info"]["processStatus"] == "running"


def test_without_its_cri_plug_in_containerd_is_told_as_recorded() -> None:
    with containerd() as bed:
        bed.stop_containerd()
        bed.start_containerd(cri=False)
        for version in VERSIONS:
            ours = bed.crictl("pods", "-o", "json", version=version)
            real = recorded(version)["no-cri-pods"]
            assert (ours.returncode, fatal(bed, ours.stderr)) == (real.rc, fatal(bed, real.err))


def test_every_call_is_in_the_log(bed: Bed) -> None:
    before = len(bed.calls())
    bed.crictl("pods", "-o", "json")
    bed.crictl("inspectp", NOBODYS)
    assert [(call.argv, call.rc) for call in bed.calls()[before:]] == [
        (("pods", "-o", "json"), 0),
        (("inspectp", NOBODYS), 1),
    ]


def test_a_container_of_the_hosts_network_is_in_the_hosts(bed: Bed, web: RunningPod, agent: RunningPod) -> None:
    here = namespace(os.getpid(), "net")
    assert namespace(bed.node.sandbox_pid(agent.sandbox), "net") == here
    assert namespace(bed.node.sandbox_pid(web.sandbox), "net") != here


def test_a_sidecar_reaches_its_pod_on_localhost(bed: Bed, web: RunningPod) -> None:
    fetch = ["nsenter", "-t", str(bed.node.pid(web.members["sidecar"])), "-n", "-m", "wget", "-qO-", "localhost:80"]
    assert subprocess.run(fetch, capture_output=True, text=True, timeout=10, check=True).stdout == "hello\n"


def test_where_the_nodes_files_are_the_usual_socket_answers(bed: Bed, web: RunningPod) -> None:
    ours = bed.inside("env", "-u", "CONTAINER_RUNTIME_ENDPOINT", str(bed.bin / "crictl"), "pods", "-q")
    assert web.sandbox in ours.stdout.split()
    assert len(list((bed.root / "run/netns").iterdir())) >= 1


def test_pods_and_their_containers_outlive_containerd(bed: Bed, web: RunningPod) -> None:
    before = {name: bed.node.pid(container) for name, container in web.members.items()}
    bed.stop_containerd(signal.SIGKILL)
    assert bed.crictl("pods").returncode == 1
    bed.start_containerd()
    assert {name: bed.node.pid(container) for name, container in web.members.items()} == before


def test_nothing_is_left_of_a_node_whose_owner_is_killed() -> None:
    code = """
import json, time
from tests.real.containerd import containerd
from tests.real import cri_scenarios
with containerd() as bed:
    made = [bed.node.run(spec) for spec in (cri_scenarios.web(), cri_scenarios.api())]
    pids = [bed.pid, bed.containerd_pid, *(bed.node.sandbox_pid(each.sandbox) for each in made)]
    print(json.dumps({"folder": str(bed.folder), "pids": pids, "cgroups": [each.spec.cgroup for each in made]}))
    print(flush=True)
    time.sleep(60)
"""
    with subprocess.Popen(python(code), cwd=ROOT, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        left = json.loads(owner.stdout.readline())
        owner.kill()
    places = [Path(left["folder"]), *(Path(f"/proc/{pid}") for pid in left["pids"])]
    places += [Path(f"/sys/fs/cgroup/{kind}{cgroup}") for kind in ("", "memory") for cgroup in left["cgroups"]]
    until(lambda: not any(place.exists() for place in places), what="nothing to be left")


def fatal(bed: Bed, text: str) -> str:
    """The last line on stderr, with the recordings' endpoint in the place of ours."""
    last = complaints(text).splitlines()[-1]
    return re.sub(r'endpoint \\"[^"]*"', "endpoint …", last)
