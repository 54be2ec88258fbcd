"""Calls of crictl, played by shell scripts."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from pausetui.backends.crictl import program as module
from pausetui.backends.crictl.program import Program, Ran
from pausetui.errors import CannotLook
from tests.backends.crictl.fakes import has_ended, script
from tests.waiting import until


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def test_answer_and_complaint_are_kept_apart(tmp_path: Path) -> None:
    crictl = script(tmp_path / "crictl", "echo '{}'; echo warning >&2; exit 3")
    assert Program((crictl,)).run("pods", timeout=10) == Ran(3, "{}\n", "warning\n")


def test_arguments_come_as_they_are_with_the_global_options_first(tmp_path: Path) -> None:
    crictl = script(tmp_path / "crictl", "printf '<%s>' \"$@\"")
    ran = Program((crictl, "-r", "unix:///a b")).run("pods", "--name", "$HOME; 'x' *", timeout=10)
    assert ran.out == "<-r><unix:///a b><pods><--name><$HOME; 'x' *>"


def test_nothing_can_be_typed_into_it_and_it_speaks_no_other_language(tmp_path: Path) -> None:
    crictl = script(tmp_path / "crictl", 'readlink /proc/self/fd/0; echo "$LC_ALL"; pwd')
    assert Program((crictl,)).run(timeout=10).out.split() == ["/dev/null", "C", "/"]


def test_bytes_that_are_no_utf_8_are_written_out(tmp_path: Path) -> None:
    crictl = script(tmp_path / "crictl", "printf 'caf\\303\\251 \\377'; printf '\\376' >&2")
    assert Program((crictl,)).run(timeout=10) == Ran(0, "café \\xff", "\\xfe")


def test_much_on_both_pipes_is_read_to_its_end(tmp_path: Path) -> None:
    crictl = script(tmp_path / "crictl", "head -c 3000000 /dev/zero >&2; head -c 3000000 /dev/zero")
    ran = Program((crictl,)).run(timeout=30)
    assert (len(ran.out), len(ran.err)) == (3_000_000, 3_000_000)


def test_one_that_prints_without_end_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_OUTPUT", 2**20)
    crictl = script(tmp_path / "crictl", f"echo $$ > {tmp_path}/pid; exec yes")
    with pytest.raises(CannotLook, match="prints more than 1 MiB"):
        Program((crictl,)).run("pods", timeout=30)
    assert has_ended(int((tmp_path / "pid").read_text()))


def test_one_that_does_not_end_is_killed_with_all_that_it_started(tmp_path: Path) -> None:
    crictl = script(
        tmp_path / "crictl",
        f"trap '' TERM INT; sleep 1000 & echo $$ $! > {tmp_path}/part; mv {tmp_path}/part {tmp_path}/pids; wait",
    )
    errors: list[CannotLook] = []

    def call() -> None:
        try:
            Program((crictl,)).run("stats", timeout=1)
        except CannotLook as error:
            errors.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    both = [int(pid) for pid in until(lambda: read(tmp_path / "pids")).split()]
    assert not any(map(has_ended, both))
    thread.join()
    assert "no answer within 1 s" in errors[0].why
    until(lambda: all(map(has_ended, both)), what="both have ended")
    assert not Path(f"/proc/{both[0]}").exists()


def read(path: Path) -> str | None:
    return path.read_text() if path.exists() else None


def test_one_that_closes_its_pipes_and_stays_is_killed(tmp_path: Path) -> None:
    crictl = script(tmp_path / "crictl", f"echo $$ > {tmp_path}/pid; exec sleep 1000 >&- 2>&-")
    with pytest.raises(CannotLook, match="no answer within"):
        Program((crictl,)).run("pods", timeout=0.5)
    assert has_ended(int((tmp_path / "pid").read_text()))


def test_the_signal_that_ended_it_is_told(tmp_path: Path) -> None:
    assert Program((script(tmp_path / "crictl", "kill -9 $$"),)).run(timeout=10).rc == -9


def test_two_hundred_calls_leave_no_descriptor_and_no_zombie(tmp_path: Path) -> None:
    good, slow = script(tmp_path / "good", "echo ok"), script(tmp_path / "slow", "exec sleep 1000")
    Program((good,)).run(timeout=10)
    before, children = descriptors(), our_children()
    for number in range(200):
        if number % 20:
            assert Program((good,)).run(timeout=10).rc == 0
        else:
            with pytest.raises(CannotLook):
                Program((slow,)).run(timeout=0)
    assert (descriptors(), our_children()) == (before, children)


def our_children() -> set[str]:
    tasks = Path("/proc/self/task")
    return {pid for task in tasks.iterdir() for pid in (task / "children").read_text().split()}


def test_one_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CannotLook, match=f"No such file or directory: {tmp_path}/crictl"):
        Program((f"{tmp_path}/crictl",)).run("pods", timeout=10)


def test_one_that_may_not_be_executed_is_named(tmp_path: Path) -> None:
    (tmp_path / "crictl").write_text("#!/bin/sh\n")
    with pytest.raises(CannotLook, match=f"Permission denied: {tmp_path}/crictl"):
        Program((f"{tmp_path}/crictl",)).run("pods", timeout=10)


def test_one_for_another_machine_is_named(tmp_path: Path) -> None:
    (tmp_path / "crictl").write_bytes(b"\x7fELF nonsense")
    (tmp_path / "crictl").chmod(0o755)
    with pytest.raises(CannotLook, match="Exec format error"):
        Program((f"{tmp_path}/crictl",)).run("pods", timeout=10)


def test_an_argument_that_no_program_can_be_given_is_an_error_not_a_crash(tmp_path: Path) -> None:
    with pytest.raises(CannotLook, match="null byte"):
        Program((script(tmp_path / "crictl", ""),)).run("pods", "--name", "a\0b", timeout=10)


def test_a_failure_names_the_call_and_not_all_of_its_ids(tmp_path: Path) -> None:
    program = Program((f"{tmp_path}/crictl",))
    with pytest.raises(CannotLook) as error:
        program.run("inspectp", *(f"{number:064x}" for number in range(100)), timeout=10)
    assert error.value.what.startswith(f"running {tmp_path}/crictl"[:40])
    assert len(error.value.what) < 120


@pytest.mark.parametrize(
    ("program", "typed"),
    [
        (Program(("/usr/bin/crictl",)), ("crictl",)),
        (Program(("/opt/bin/crictl", "-t", "5s")), ("/opt/bin/crictl", "-t", "5s")),
        (Program(("/usr/local/bin/k3s", "crictl")), ("k3s", "crictl")),
        (
            Program(("/usr/bin/crictl", "-r", "unix:///x"), "/host"),
            ("chroot", "/host", "crictl", "-r", "unix:///x"),
        ),
    ],
)
def test_a_person_types_the_name_where_the_shell_finds_it(program: Program, typed: tuple[str, ...]) -> None:
    assert program.as_typed == typed
