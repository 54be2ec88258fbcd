"""Each scenario does what it says, shown by traffic and by what is in files."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from pausetui.core.inventory import ContainerRecord, ContainerState, Role
from pausetui.lab.addresses import GATEWAY
from tests.real import labs
from tests.real.labs import Lab
from tests.waiting import until

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with labs.lab("web", "sidecar", "mesh", "init", "shared-pid", "no-pause") as running:
        yield running


def test_web_answers_on_localhost_of_its_pod(lab: Lab) -> None:
    assert labs.fetch(lab.pause("web").pid, "localhost", 80) == "web: web\n"


def test_web_answers_on_the_pods_address_from_another_pod(lab: Lab) -> None:
    (address,) = lab.pod("web").runtime_addresses
    assert labs.fetch(lab.pause("sidecar").pid, address, 80) == "web: web\n"


def test_the_sidecar_of_web_fetches_localhost_over_and_over(lab: Lab) -> None:
    asked = "127.0.0.1 asked"
    before = lab.log("web", "web").count(asked)
    until(lambda: lab.log("web", "web").count(asked) >= before + 2, seconds=15)
    assert "http://localhost:80/ answered: web: web" in lab.log("web", "sidecar")


def test_members_share_net_ipc_and_uts_with_pause_and_have_pid_and_mnt_of_their_own(lab: Lab) -> None:
    pause, web, sidecar = lab.pause("web").pid, lab.process("web", "web").pid, lab.process("web", "sidecar").pid
    for kind in ("net", "ipc", "uts"):
        assert labs.namespace(pause, kind) == labs.namespace(web, kind) == labs.namespace(sidecar, kind)
    for kind in ("pid", "mnt"):
        assert len({labs.namespace(pid, kind) for pid in (pause, web, sidecar)}) == 3


def test_each_pod_has_namespaces_of_its_own(lab: Lab) -> None:
    pids = [os.getpid(), lab.init(), *(lab.pause(pod).pid for pod in ("web", "sidecar", "mesh", "init"))]
    for kind in ("net", "ipc", "uts"):
        assert len({labs.namespace(pid, kind) for pid in pids}) == len(pids)


def test_the_hostname_is_the_pods_name(lab: Lab) -> None:
    assert labs.inside(lab.process("web", "sidecar").pid, "u", "hostname") == "web\n"


def test_the_kernel_has_the_address_that_the_lab_says(lab: Lab) -> None:
    for pod in ("web", "sidecar", "mesh", "init", "shared-pid"):
        found = labs.addresses(lab.pause(pod).pid)
        assert found == {"lo": ["127.0.0.1"], "eth0": list(lab.pod(pod).runtime_addresses)}


def test_a_pods_way_out_is_the_bridge(lab: Lab) -> None:
    assert f"default via {GATEWAY} dev eth0" in labs.in_netns(lab.pause("web").pid, "ip", "route")


def test_the_pids_and_start_times_it_says_are_the_hosts(lab: Lab) -> None:
    for pod in lab.status().pods:
        for container in (pod.pause, *pod.members):
            if container is not None and container.process is not None:
                assert labs.identity(container.process.pid) == container.process
                expected = "pause" if container.role is Role.PAUSE else container.name
                assert Path(f"/proc/{container.process.pid}/comm").read_text().strip() == expected


def test_a_members_proc_shows_its_own_pid_namespace(lab: Lab) -> None:
    web = lab.process("web", "web").pid
    inside = labs.inside(web, "mp", "ls", "/proc").split()
    assert "1" in inside
    assert str(web) not in inside


def test_the_collector_goes_on_while_the_app_restarts(lab: Lab) -> None:
    collector, app = lab.process("sidecar", "collector"), lab.process("sidecar", "app")
    kept = Path(f"/proc/{collector.pid}/root/mnt/collected.log")
    until(lambda: kept.read_text().count("line") >= 2)
    first_life = kept.read_text().split()[1]
    os.kill(app.pid, signal.SIGKILL)
    until(lambda: {line.split()[1] for line in kept.read_text().splitlines()} - {first_life}, seconds=15)
    assert first_life in kept.read_text()
    assert lab.process("sidecar", "collector") == collector
    assert lab.member("sidecar", "app").restarts == 1


def test_members_with_a_volume_say_where_it_is(lab: Lab) -> None:
    assert lab.member("sidecar", "app").mounts == ("shared:/mnt",)
    assert lab.member("web", "web").mounts == ()


def test_pods_do_not_see_each_others_volumes(lab: Lab) -> None:
    assert set(os.listdir(f"/proc/{lab.process('init', 'main').pid}/root/mnt")) == {"index.html"}
    assert os.listdir(f"/proc/{lab.process('web', 'web').pid}/root/mnt") == os.listdir("/mnt")


def test_what_comes_in_for_the_mesh_app_comes_from_its_proxy(lab: Lab) -> None:
    (address,) = lab.pod("mesh").runtime_addresses
    assert labs.fetch(lab.pause("web").pid, address, 8080) == "mesh: app\n"
    assert "127.0.0.6 asked through proxy" in lab.log("mesh", "app")
    (caller,) = lab.pod("web").runtime_addresses
    assert f"{caller} asked, passed on to localhost:8080" in lab.log("mesh", "proxy")
    assert caller not in lab.log("mesh", "app")


def test_without_the_rule_the_mesh_app_is_called_directly(lab: Lab) -> None:
    assert labs.fetch(lab.pause("mesh").pid, "127.0.0.1", 8080) == "mesh: app\n"
    assert "127.0.0.1 asked\n" in lab.log("mesh", "app")


def test_the_lab_asks_the_mesh_from_outside_as_kubelets_probes_do(lab: Lab) -> None:
    until(lambda: f"{GATEWAY} asked, passed on" in lab.log("mesh", "proxy"), seconds=15)


def test_main_serves_what_init_wrote(lab: Lab) -> None:
    page = labs.fetch(lab.pause("init").pid, "localhost", 80)
    assert page.startswith("written by the init container of init")
    assert Path(f"/proc/{lab.process('init', 'main').pid}/root/mnt/index.html").read_text() == page


def test_the_init_container_has_ended_well_before_main_started(lab: Lab) -> None:
    setup, main = lab.member("init", "setup"), lab.member("init", "main")
    assert (setup.role, setup.state, setup.exit_code, setup.reason) == (
        Role.INIT,
        ContainerState.EXITED,
        0,
        "Completed",
    )
    assert setup.finished_at is not None
    assert main.started_at is not None
    assert setup.finished_at <= main.started_at


def test_with_a_shared_pid_namespace_pause_is_pid_1_of_all(lab: Lab) -> None:
    pause = lab.pause("shared-pid").pid
    members = [lab.process("shared-pid", name).pid for name in ("app", "forker")]
    assert {labs.namespace(pid, "pid") for pid in (pause, *members)} == {labs.namespace(pause, "pid")}
    assert _inner_pid(pause) == 1
    assert all(_inner_pid(pid) > 1 for pid in members)


def test_pause_inherits_orphans_and_reaps_them(lab: Lab) -> None:
    pause = lab.pause("shared-pid").pid
    orphan = until(lambda: next(iter(labs.children(pause)), None), seconds=15, what="an orphan below pause")
    until(lambda: not Path(f"/proc/{orphan}").exists(), seconds=5, what="the orphan is reaped")


def test_without_a_pause_a_member_that_joined_keeps_the_old_network_with_only_lo() -> None:
    with labs.lab("no-pause") as lab:
        a, b = lab.process("no-pause", "a"), lab.process("no-pause", "b")
        (address,) = lab.pod("no-pause").runtime_addresses
        assert labs.addresses(b.pid) == {"lo": ["127.0.0.1"], "eth0": [address]}
        old = labs.namespace_id(b.pid, "net")
        os.kill(a.pid, signal.SIGKILL)
        until(lambda: lab.member("no-pause", "a").restarts == 1)
        again = until(lambda: lab.member("no-pause", "a").process)
        until(lambda: "eth0" in labs.addresses(again.pid))
        assert lab.process("no-pause", "b") == b
        assert labs.namespace_id(b.pid, "net") == old != labs.namespace_id(again.pid, "net")
        assert labs.addresses(b.pid) == {"lo": ["127.0.0.1"]}
        (new_address,) = lab.pod("no-pause").runtime_addresses
        assert new_address != address
        assert labs.addresses(again.pid)["eth0"] == [new_address]


def test_without_a_pause_the_joined_member_no_longer_reaches_localhost() -> None:
    with labs.lab("no-pause") as lab:
        os.kill(lab.process("no-pause", "a").pid, signal.SIGKILL)
        until(lambda: "http://localhost:80/ failed" in lab.log("no-pause", "b").splitlines()[-1], seconds=15)


def test_no_pause_says_that_there_is_none(lab: Lab) -> None:
    pod = lab.pod("no-pause")
    assert pod.pause is None
    assert pod.sandboxes == ()


def test_a_member_that_keeps_ending_is_held_back() -> None:
    with labs.lab("crashloop") as lab:
        crasher = until(lambda: _with_attempt(lab, 3), seconds=30)
        assert crasher.attempt is not None
        assert [past.attempt for past in crasher.previous][:2] == [crasher.attempt - 1, crasher.attempt - 2]
        assert {past.exit_code for past in crasher.previous} == {1}
        assert {past.reason for past in crasher.previous} == {"Error"}
        until(lambda: "crasher: held back before the next start" in lab.pod("crashloop").note)
        assert lab.member("crashloop", "web").restarts == 0


def test_the_lab_costs_hardly_any_memory_for_its_pauses(lab: Lab) -> None:
    for pod in ("web", "sidecar", "mesh", "init", "shared-pid"):
        status = Path(f"/proc/{lab.pause(pod).pid}/status").read_text()
        resident = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
        assert resident <= 1024, f"{pod}: {resident} kB"


def _with_attempt(lab: Lab, attempt: int) -> ContainerRecord | None:
    member = lab.member("crashloop", "crasher")
    return member if (member.attempt or 0) >= attempt else None


def _inner_pid(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[-1]) for line in status.splitlines() if line.startswith("NSpid"))
