"""Which crictl is taken, which runtime it is to ask, and why."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from pausetui.backends.crictl.finding import CrictlOptions, Found, find, seems_present
from pausetui.backends.crictl.program import Program, Ran
from pausetui.errors import CannotLook
from pausetui.kernel.host import HostRoot
from tests.backends.crictl.fakes import script

CONTAINERD = "/run/containerd/containerd.sock"
CRIO = "/run/crio/crio.sock"
K3S = "/run/k3s/containerd/containerd.sock"
OURS = "runtime-endpoint: unix:///run/ours.sock\ntimeout: 7\n"
NOTHING_SAID = CrictlOptions()
K3S_CONFIG = "/var/lib/rancher/k3s/agent/etc/crictl.yaml"


class Machine:
    """A folder that is the root of a machine."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def crictl(self, path: str = "/usr/bin/crictl") -> None:
        script(self.root / path.strip("/"), "")

    def file(self, path: str, text: str) -> Path:
        place = self._place(path)
        place.write_text(text)
        return place

    def socket(self, path: str) -> None:
        os.mknod(self._place(path), stat.S_IFSOCK | 0o600)

    def link(self, path: str, target: str) -> None:
        self._place(path).symlink_to(target)

    def find(self, options: CrictlOptions = NOTHING_SAID, **environ: str) -> Found:
        return find(HostRoot(str(self.root)), options, environ)

    def seems_present(self, options: CrictlOptions = NOTHING_SAID, **environ: str) -> bool:
        return seems_present(HostRoot(str(self.root)), options, environ)

    def _place(self, path: str) -> Path:
        place = self.root / path.strip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        return place


@pytest.fixture
def bare(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "host")


@pytest.fixture
def machine(bare: Machine) -> Machine:
    bare.crictl()
    return bare


def test_the_flag_beats_the_variable_and_the_file(machine: Machine) -> None:
    machine.file("/etc/crictl.yaml", OURS)
    found = machine.find(
        CrictlOptions(runtime_endpoint="unix:///run/flag.sock"),
        CONTAINER_RUNTIME_ENDPOINT="unix:///run/variable.sock",
    )
    assert (found.endpoint, found.why) == ("unix:///run/flag.sock", "from --runtime-endpoint")
    assert found.program.argv == ("/usr/bin/crictl", "-r", "unix:///run/flag.sock")


def test_the_variable_beats_the_file(machine: Machine) -> None:
    machine.file("/etc/crictl.yaml", OURS)
    found = machine.find(CONTAINER_RUNTIME_ENDPOINT="unix:///run/variable.sock")
    assert (found.endpoint, found.why) == ("unix:///run/variable.sock", "from CONTAINER_RUNTIME_ENDPOINT")
    assert found.program.argv == ("/usr/bin/crictl", "-r", "unix:///run/variable.sock")


def test_an_empty_variable_counts_as_it_does_for_crictl(machine: Machine) -> None:
    machine.file("/etc/crictl.yaml", OURS)
    assert machine.find(CONTAINER_RUNTIME_ENDPOINT="").program.argv == ("/usr/bin/crictl", "-r", "")


def test_the_file_beats_the_usual_sockets_and_crictl_reads_it_itself(machine: Machine) -> None:
    machine.file("/etc/crictl.yaml", OURS)
    machine.socket(CONTAINERD)
    found = machine.find()
    assert (found.endpoint, found.why) == ("unix:///run/ours.sock", "from /etc/crictl.yaml")
    assert found.program.argv == ("/usr/bin/crictl",)
    assert found.timeout == 7


def test_a_named_file_is_named_to_crictl(machine: Machine) -> None:
    machine.file("/etc/crictl.yaml", OURS)
    machine.file("/etc/flag.yaml", "runtime-endpoint: unix:///run/flag.sock")
    machine.file("/etc/variable.yaml", "runtime-endpoint: unix:///run/variable.sock")
    by_variable = machine.find(CRI_CONFIG_FILE="/etc/variable.yaml")
    assert (by_variable.endpoint, by_variable.why) == ("unix:///run/variable.sock", "from /etc/variable.yaml")
    by_flag = machine.find(CrictlOptions(config="/etc/flag.yaml"), CRI_CONFIG_FILE="/etc/variable.yaml")
    assert (by_flag.endpoint, by_flag.why) == ("unix:///run/flag.sock", "from /etc/flag.yaml")
    assert by_flag.program.argv == ("/usr/bin/crictl", "-c", "/etc/flag.yaml")


@pytest.mark.parametrize("options", [NOTHING_SAID, CrictlOptions(config="/etc/missing.yaml")])
def test_where_the_file_is_missing_the_one_beside_the_program_counts(
    machine: Machine, options: CrictlOptions
) -> None:
    machine.crictl("/opt/cri/crictl")
    (machine.root / "usr/bin/crictl").unlink()
    machine.link("/usr/bin/crictl", "/opt/cri/crictl")
    machine.file("/opt/cri/crictl.yaml", OURS)
    found = machine.find(options)
    assert (found.endpoint, found.why) == ("unix:///run/ours.sock", "from /opt/cri/crictl.yaml")


@pytest.mark.parametrize("text", [OURS + "no-such-key: 1\n", "runtime-endpoint: unix:///x\ntimeout: soon"])
def test_a_file_that_crictl_refuses_is_as_if_it_were_not_there(machine: Machine, text: str) -> None:
    machine.file("/etc/crictl.yaml", text)
    machine.socket(CONTAINERD)
    found = machine.find()
    assert found.endpoint == f"unix://{CONTAINERD}"
    assert found.timeout == 2


def test_a_file_that_only_crictl_can_read_is_left_to_it(machine: Machine) -> None:
    machine.file("/etc/crictl.yaml", "{runtime-endpoint: unix:///run/ours.sock}")
    machine.socket(CONTAINERD)
    found = machine.find()
    assert (found.endpoint, found.why) == (None, "as crictl reads /etc/crictl.yaml")
    assert found.program.argv == ("/usr/bin/crictl",)


@pytest.mark.parametrize("text", [OURS + "no-such-key: 1\n", None], ids=["refused", "missing"])
def test_a_named_file_that_crictl_cannot_use_is_left_for_it_to_say(machine: Machine, text: str | None) -> None:
    if text is not None:
        machine.file("/etc/ours.yaml", text)
    found = machine.find(CrictlOptions(config="/etc/ours.yaml"))
    assert found.endpoint is None
    assert found.program.argv == ("/usr/bin/crictl", "-c", "/etc/ours.yaml")


def test_with_nothing_said_the_one_usual_socket_there_is_is_told_to_crictl(machine: Machine) -> None:
    machine.file("/etc/crictl.yaml", "timeout: 5\n")
    machine.socket(K3S)
    found = machine.find()
    assert (found.endpoint, found.why) == (f"unix://{K3S}", "the first usual socket there is")
    assert found.program.argv == ("/usr/bin/crictl", "-r", f"unix://{K3S}")
    assert found.timeout == 5


def asked(monkeypatch: pytest.MonkeyPatch, answering: str) -> list[tuple[str, ...]]:
    """The calls of crictl, of which only those about one socket succeed."""
    calls = []

    def run(program: Program, *args: str, timeout: float) -> Ran:
        calls.append((*program.argv, *args))
        return Ran(0 if f"unix://{answering}" in program.argv else 1, "", "")

    monkeypatch.setattr(Program, "run", run)
    return calls


def test_of_several_usual_sockets_the_first_that_answers_is_taken(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in (CONTAINERD, CRIO, K3S):
        machine.socket(path)
    calls = asked(monkeypatch, CRIO)
    found = machine.find()
    assert (found.endpoint, found.why) == (f"unix://{CRIO}", "the first usual socket that answers")
    assert [call[2:] for call in calls] == [(f"unix://{CONTAINERD}", "version"), (f"unix://{CRIO}", "version")]


def test_of_several_usual_sockets_that_do_not_answer_it_is_the_first(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.socket(CONTAINERD)
    machine.socket(CRIO)
    asked(monkeypatch, "/nobody")
    assert machine.find().endpoint == f"unix://{CONTAINERD}"


def test_what_is_no_socket_is_not_taken_for_one(machine: Machine) -> None:
    machine.file(CONTAINERD, "")
    machine.socket(CRIO)
    assert machine.find().endpoint == f"unix://{CRIO}"


def test_a_socket_behind_a_link_of_the_machine_is_found(machine: Machine) -> None:
    machine.socket("/run/cri-dockerd.sock")
    machine.link("/var/run", "/run")
    assert machine.find().endpoint == "unix:///var/run/cri-dockerd.sock"


def test_a_machine_without_a_runtime_says_where_was_looked(machine: Machine) -> None:
    with pytest.raises(CannotLook, match=r"none of the usual sockets is there .*crio.*k3s") as error:
        machine.find()
    assert "--runtime-endpoint" in error.value.next_step


def test_a_machine_without_crictl_says_so(bare: Machine) -> None:
    bare.socket(CONTAINERD)
    bare.file("/usr/bin/crictl", "not executable")
    with pytest.raises(CannotLook, match="finding crictl: there is none in PATH") as error:
        bare.find()
    assert "--backend proc" in error.value.next_step


@pytest.mark.parametrize("seconds", [(10.0, "10s"), (0.25, "250ms")])
def test_the_timeout_is_told_to_crictl_with_a_unit(machine: Machine, seconds: tuple[float, str]) -> None:
    machine.file("/etc/crictl.yaml", OURS)
    found = machine.find(CrictlOptions(timeout=seconds[0]))
    assert found.program.argv == ("/usr/bin/crictl", "-t", seconds[1])
    assert found.timeout == seconds[0]


@pytest.mark.parametrize(
    "path", ["/usr/local/bin/crictl", "/usr/bin/crictl", "/opt/bin/crictl", "/var/lib/rancher/rke2/bin/crictl"]
)
def test_crictl_is_found_where_distributions_put_it(bare: Machine, path: str) -> None:
    bare.crictl(path)
    bare.socket(CONTAINERD)
    assert bare.find().program.argv[0] == path


def test_a_program_behind_an_absolute_link_of_the_machine_is_found(bare: Machine) -> None:
    bare.crictl("/var/lib/rancher/rke2/data/v1/bin/crictl")
    bare.link("/var/lib/rancher/rke2/bin", "/var/lib/rancher/rke2/data/v1/bin")
    bare.socket(K3S)
    assert bare.find().program.argv[0] == "/var/lib/rancher/rke2/bin/crictl"


def test_without_a_crictl_k3s_is_asked_for_its_own_and_its_own_file_counts(bare: Machine) -> None:
    bare.crictl("/usr/local/bin/k3s")
    bare.file(K3S_CONFIG, f"runtime-endpoint: unix://{K3S}\n")
    bare.file("/etc/crictl.yaml", OURS)
    found = bare.find()
    assert found.program.argv == ("/usr/local/bin/k3s", "crictl")
    assert (found.endpoint, found.why) == (f"unix://{K3S}", f"from {K3S_CONFIG}")


def test_a_crictl_that_is_k3s_in_truth_reads_k3s_file(bare: Machine) -> None:
    bare.crictl("/usr/local/bin/k3s")
    bare.link("/usr/local/bin/crictl", "k3s")
    bare.file(K3S_CONFIG, f"runtime-endpoint: unix://{K3S}\n")
    found = bare.find()
    assert found.program.argv == ("/usr/local/bin/crictl",)
    assert found.why == f"from {K3S_CONFIG}"


def test_below_another_root_it_is_run_by_chroot_and_our_path_does_not_count(
    machine: Machine, tmp_path: Path
) -> None:
    ours = script(tmp_path / "elsewhere" / "crictl", "")
    machine.socket(CONTAINERD)
    found = machine.find(PATH=os.path.dirname(ours))
    assert found.program.chroot == str(machine.root)
    assert found.program.argv[0] == "/usr/bin/crictl"


def test_on_the_machine_itself_path_comes_first(tmp_path: Path) -> None:
    ours = script(tmp_path / "crictl", "")
    found = find(HostRoot(), CrictlOptions(runtime_endpoint="unix:///x"), {"PATH": f"relative:{tmp_path}:/usr/bin"})
    assert found.program == Program((ours, "-r", "unix:///x"), None)


def test_an_endpoint_that_comes_from_the_machine_is_shown_harmless(machine: Machine) -> None:
    assert machine.find(CONTAINER_RUNTIME_ENDPOINT="unix:///\x1b[2J").endpoint == "unix:///\\x1b[2J"


def test_it_seems_present_with_a_crictl_and_a_socket(machine: Machine) -> None:
    assert not machine.seems_present()
    machine.socket(CRIO)
    assert machine.seems_present()
    (machine.root / "usr/bin/crictl").unlink()
    assert not machine.seems_present()


def test_it_seems_present_only_if_the_socket_that_was_chosen_is_there(machine: Machine) -> None:
    machine.socket(CRIO)
    assert not machine.seems_present(CrictlOptions(runtime_endpoint="unix:///run/ours.sock"))
    machine.socket("/run/ours.sock")
    machine.file("/etc/crictl.yaml", OURS)
    assert machine.seems_present()
    assert not machine.seems_present(CONTAINER_RUNTIME_ENDPOINT="")


def test_it_may_be_present_where_only_crictl_knows(machine: Machine) -> None:
    machine.file("/etc/crictl.yaml", "{runtime-endpoint: unix:///run/ours.sock}")
    assert machine.seems_present()


def test_to_ask_whether_it_is_present_takes_no_plumbum_and_no_process() -> None:
    told = subprocess.run(
        [sys.executable, "-c", "import sys, pausetui.backends.crictl.finding; print('plumbum' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout == "False\n"
