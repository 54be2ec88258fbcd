"""``snapshot`` and ``watch`` on the real lab, held against what the kernel says to others."""

from __future__ import annotations

import json
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from pausetui.core.wire import snapshot_from_json
from tests.real import labs

pytestmark = pytest.mark.real

NOBODY = pwd.getpwnam("nobody")
KINDS = ("net", "ipc", "uts", "pid", "mnt", "user", "cgroup", "time")


@pytest.fixture(scope="module", autouse=True)
def lab() -> Iterator[labs.Lab]:
    with labs.lab("web") as running:
        yield running


@cache
def validator(name: str) -> Draft202012Validator:
    text = files("pausetui.core").joinpath("schema", f"{name}.schema.json").read_text(encoding="utf-8")
    return Draft202012Validator(json.loads(text))


def snapshot(*options: str) -> Any:
    """What ``pausetui snapshot -o json`` prints, checked against the schema."""
    done = labs.pausetui("snapshot", "-o", "json", *options)
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)
    validator("snapshot").validate(printed)
    return printed


def containers(printed: Any) -> list[Any]:
    return [one for pod in printed["pods"] for one in (pod["pause"], *pod["members"]) if one]


def test_the_lab_is_found_without_being_asked_for() -> None:
    printed = snapshot()
    assert (printed["backend"], [pod["name"] for pod in printed["pods"]]) == ("lab", ["web"])


def test_every_namespace_is_the_one_that_proc_names() -> None:
    for container in containers(snapshot("--backend", "lab")):
        pid = container["pid"]
        told = {kind: f"{kind}:[{container['namespaces'][kind]['inode']}]" for kind in KINDS}
        assert told == {kind: labs.namespace(pid, kind) for kind in KINDS}


def test_every_namespace_that_has_an_id_has_the_kernels() -> None:
    for container in containers(snapshot("--backend", "lab")):
        for kind, told in container["namespaces"].items():
            if told["identified_by"] == "ns_id":
                assert told["id"] == labs.namespace_id(container["pid"], kind)


def test_the_address_is_the_one_that_ip_says_inside() -> None:
    (pod,) = snapshot("--backend", "lab")["pods"]
    inside = labs.addresses(pod["pause"]["pid"])
    assert pod["addresses"] == [address for name, of_it in inside.items() if name != "lo" for address in of_it]
    assert pod["runtime_addresses"] == pod["addresses"]


def test_every_process_is_named_by_pid_and_start_time() -> None:
    for container in containers(snapshot("--backend", "lab")):
        assert container["pid_start_ticks"] == labs.identity(container["pid"]).start_ticks
        assert container["processes"][0]["pid"] == container["pid"]
        assert container["rss_bytes"] > 0


def test_real_output_is_read_back() -> None:
    printed = snapshot("--backend", "lab")
    (pod,) = snapshot_from_json(printed).pods
    assert pod.title == "lab/web"


def test_proc_alone_finds_the_same_pod_with_the_same_namespace() -> None:
    (by_lab,) = snapshot("--backend", "lab")["pods"]
    nets = {
        container["namespaces"]["net"]["inode"]
        for container in containers(snapshot("--backend", "proc"))
        if container["namespaces"]["net"]
    }
    assert by_lab["pause"]["namespaces"]["net"]["inode"] in nets


def test_the_table_has_a_line_for_the_pod_and_one_for_each_container() -> None:
    lines = labs.pausetui("snapshot", "--backend", "lab").stdout.splitlines()
    assert [line.split()[:2] for line in lines[3:7]] == [
        ["lab/web", "Ready"],
        *[[lines[n].split()[0], lines[n].split()[1]] for n in (4, 5, 6)],
    ]


@contextmanager
def watch(*options: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-m", "pausetui", "watch", *options],
        cwd=labs.ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.kill()


def read(process: subprocess.Popen[str]) -> Any:
    assert process.stdout is not None
    return json.loads(process.stdout.readline())


def test_a_deleted_pause_is_told_line_by_line_with_the_new_namespace_and_address(lab: labs.Lab) -> None:
    with watch("-o", "json", "--for", "60") as process:
        first = read(process)
        validator("snapshot").validate(first)
        before = first["pods"][0]
        os.kill(lab.pause("web").pid, signal.SIGKILL)
        told: list[Any] = []
        while not any(change["kind"] == "address_changed" and change["after"] for change in told):
            told.append(read(process))
            validator("change").validate(told[-1])
    assert [change["seq"] for change in told] == list(range(1, len(told) + 1))
    assert {change["pod"] for change in told if change["pod_key"]} == {"lab/web"}
    new = next(
        change["after"]
        for change in told
        if change["kind"] == "namespace_changed" and change["after"]["kind"] == "net"
    )
    assert new["id"] != before["pause"]["namespaces"]["net"]["id"]
    now = snapshot("--backend", "lab")["pods"][0]
    assert now["pause"]["namespaces"]["net"]["id"] == new["id"]
    assert (now["attempt"], now["addresses"]) == (before["attempt"] + 1, told[-1]["after"])


def test_sigterm_ends_a_watch_of_the_real_machine_with_143() -> None:
    with watch("-o", "json") as process:
        read(process)
        process.terminate()
        assert process.wait(10) == 143
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_neither_command_ever_loads_the_screen() -> None:
    script = (
        "import sys; from pausetui.commands.main import main; main(sys.argv[1:]);"
        " print(*{'textual', 'rich'} & set(sys.modules), file=sys.stderr)"
    )
    for command in (["snapshot"], ["watch", "--count", "0"]):
        done = subprocess.run(
            [sys.executable, "-c", script, *command],
            cwd=labs.ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        assert (done.stderr, "lab/web" in done.stdout) == ("\n", True)
