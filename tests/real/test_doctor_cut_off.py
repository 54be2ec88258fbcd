"""Pods that are Ready and cut off, in the lab: found, and mended by what the doctor says."""

from __future__ import annotations

import subprocess

import pytest

from tests.real import labs
from tests.real.doctors import Report, report

pytestmark = pytest.mark.real


def doctor() -> Report:
    return report(labs.pausetui("--backend", "lab", "doctor", "-o", "json"))


def inside(pid: int, command: str) -> None:
    subprocess.run(["nsenter", "-n", "-t", str(pid), "ip", *command.split()], check=True)


def test_a_link_that_is_down_and_a_lost_default_route_are_found_and_gone_when_mended() -> None:
    with labs.lab("web", "sidecar", "mesh", "init") as lab:
        web, sidecar = lab.pause("web").pid, lab.pause("sidecar").pid
        inside(web, "link set eth0 down")
        inside(sidecar, "route del default")
        told = doctor()
        titles = {one["id"]: one["title"] for one in told.said["findings"]}
        assert titles == {"link-down": "lab/web", "no-default-route": "lab/sidecar"}

        subprocess.run(told.finding("link-down", "web")["command"].split(), check=True)
        for pid in (web, sidecar):
            inside(pid, "route replace default via 10.244.1.1")
        assert doctor().code == 0
