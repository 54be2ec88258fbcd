"""crictl of a machine below another root, run by chroot: with rights, without, and with nothing to run."""

from __future__ import annotations

import json
import os
import shutil
import stat
from pathlib import Path

import pytest

from pausetui.backends.crictl.finding import CrictlOptions, find
from pausetui.backends.crictl.program import Program
from pausetui.errors import CannotLook
from pausetui.kernel.host import HostRoot
from tests.backends.crictl.fakes import script
from tests.real.spawn import output_of, python

pytestmark = pytest.mark.real

CALL = """
import json, sys
from pausetui.backends.crictl.program import Program
from pausetui.errors import CannotLook
try:
    Program(("/usr/bin/crictl",), sys.argv[1]).run("pods", timeout=10)
except CannotLook as error:
    print(json.dumps([type(error).__name__, error.what, error.why, error.next_step]))
"""


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A root with a shell and a crictl that says where it is and what it was given."""
    root = tmp_path / "host"
    busybox = shutil.which("busybox")
    if busybox is None:
        pytest.skip("needs busybox")
    (root / "bin").mkdir(parents=True)
    shutil.copy(busybox, root / "bin" / "sh")
    script(root / "usr/bin/crictl", 'pwd; echo "$@"; [ -e /etc/only-here ] && echo there')
    (root / "etc").mkdir()
    (root / "etc/only-here").touch()
    return root


def refused_without(capability: str, *words: str) -> list[str]:
    drop = f"-{capability}"
    told: list[str] = json.loads(
        output_of(["setpriv", "--bounding-set", drop, "--inh-caps", drop, *python(CALL, *words)])
    )
    return told


def test_crictl_runs_below_the_root_of_its_machine(machine: Path) -> None:
    found = find(HostRoot(str(machine)), CrictlOptions(runtime_endpoint="unix:///run/x.sock"), {})
    ran = found.program.run("pods", "-o", "json", timeout=10)
    assert ran.out.splitlines() == ["/", "-r unix:///run/x.sock pods -o json", "there"]
    assert found.program.as_typed == ("chroot", str(machine), "crictl", "-r", "unix:///run/x.sock")


def test_of_several_sockets_below_the_root_the_one_that_answers_is_taken(machine: Path) -> None:
    for path in ("run/containerd/containerd.sock", "run/crio/crio.sock"):
        (machine / path).parent.mkdir(parents=True)
        os.mknod(machine / path, stat.S_IFSOCK | 0o600)
    script(machine / "usr/bin/crictl", 'case "$*" in *crio*) ;; *) exit 1 ;; esac')
    found = find(HostRoot(str(machine)), CrictlOptions(), {})
    assert found.endpoint == "unix:///run/crio/crio.sock"


def test_without_the_right_to_chroot_the_capability_and_the_profile_that_has_it_are_named(machine: Path) -> None:
    kind, what, why, next_step = refused_without("sys_chroot", str(machine))
    assert kind == "NoPermission"
    assert what == f"running chroot {machine} crictl pods"
    assert why == f"chroot to {machine} is not permitted: we lack the capability SYS_CHROOT"
    assert "--profile=sysadmin" in next_step


def test_all_capabilities_that_are_missing_for_a_node_are_named(machine: Path) -> None:
    _, _, why, _ = refused_without("sys_chroot,-sys_ptrace,-sys_admin", str(machine))
    assert why.endswith("SYS_CHROOT, SYS_PTRACE, SYS_ADMIN")


def test_busybox_chroot_is_understood_as_well(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (machine.parent / "bin").mkdir()
    shutil.copy(machine / "bin" / "sh", machine.parent / "bin" / "chroot")
    monkeypatch.setenv("PATH", f"{machine.parent}/bin:{os.environ['PATH']}")
    kind, _, why, _ = refused_without("sys_chroot", str(machine))
    assert (kind, why) == (
        "NoPermission",
        f"chroot to {machine} is not permitted: we lack the capability SYS_CHROOT",
    )
    with pytest.raises(CannotLook, match=f"No such file or directory, below {machine}"):
        Program(("/usr/bin/nothing",), str(machine)).run("pods", timeout=10)


def test_a_root_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CannotLook, match=r"missing'?: No such file or directory"):
        Program(("/usr/bin/crictl",), f"{tmp_path}/missing").run("pods", timeout=10)


def test_a_crictl_that_is_gone_from_the_machine_is_named(machine: Path) -> None:
    (machine / "usr/bin/crictl").unlink()
    with pytest.raises(CannotLook, match=f"No such file or directory, below {machine}"):
        Program(("/usr/bin/crictl",), str(machine)).run("pods", timeout=10)


def test_a_crictl_that_fails_by_itself_below_the_root_speaks_for_itself(machine: Path) -> None:
    script(machine / "usr/bin/crictl", "echo oh no >&2; exit 1")
    ran = Program(("/usr/bin/crictl",), str(machine)).run("pods", timeout=10)
    assert (ran.rc, ran.err) == (1, "oh no\n")


def test_one_that_hangs_below_the_root_is_killed(machine: Path) -> None:
    script(machine / "usr/bin/crictl", "while :; do :; done")
    with pytest.raises(CannotLook, match="no answer within"):
        Program(("/usr/bin/crictl",), str(machine)).run("stats", timeout=0.5)
