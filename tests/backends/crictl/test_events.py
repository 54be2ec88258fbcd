"""``crictl events``, played by shell scripts."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from pausetui.backends.crictl.events import Events, is_fair
from pausetui.backends.crictl.program import Program
from tests.backends.crictl.fakes import has_ended, saying, script
from tests.waiting import until


def told(events: Events, seconds: float = 10) -> bool:
    """Wait until there is something to read, and read it."""
    assert select.select([events], [], [], seconds)[0]
    return events.changed()


@pytest.mark.parametrize(
    ("name", "version", "fair"),
    [
        ("containerd", "1.6.20~ds1", False),
        ("containerd", "v1.7.13", False),
        ("containerd", "v2.1.9", True),
        ("containerd", "2.0.0-rc.1", True),
        ("containerd", "v10.0", True),
        ("containerd", "", False),
        ("cri-o", "1.29.1", True),
        ("docker", "28.0.1", False),
        ("", "2.0", False),
    ],
)
def test_it_is_fair_where_every_subscriber_gets_every_event(name: str, version: str, fair: bool) -> None:
    assert is_fair(name, version) is fair


def test_it_is_asked_for_with_the_options_of_the_program(tmp_path: Path) -> None:
    crictl = script(tmp_path / "crictl", f'echo "$@" > {tmp_path}/asked; echo "{{"; exec sleep 1000')
    with closing(Events(Program((crictl, "-r", "unix:///x")))) as events:
        assert told(events)
        assert (tmp_path / "asked").read_text() == "-r unix:///x events -o json\n"


def test_each_event_is_told_once(tmp_path: Path) -> None:
    crictl = script(tmp_path / "crictl", f'while read line; do echo "$line"; done < {tmp_path}/say')
    with saying(tmp_path / "say") as say, closing(Events(Program((crictl,)))) as events:
        for line in ("{\n", "}\n"):
            say(line)
            assert told(events)
            assert not events.changed()


def test_a_complaint_is_no_event(tmp_path: Path) -> None:
    crictl = script(tmp_path / "crictl", "echo oh no >&2; exec sleep 1000")
    with closing(Events(Program((crictl,)))) as events:
        assert not told(events)
        assert not events.ended


@pytest.mark.parametrize("body", ["exit 0", "echo not implemented >&2; exit 1", "exec >&-; sleep 1000"])
def test_where_there_are_no_events_it_has_ended(tmp_path: Path, body: str) -> None:
    with closing(Events(Program((script(tmp_path / "crictl", body),)))) as events:
        until(lambda: told(events) or events.ended)
        assert events.ended
        assert not events.changed()


def test_a_program_that_is_not_there_has_ended(tmp_path: Path) -> None:
    with closing(Events(Program((f"{tmp_path}/crictl",)))) as events:
        until(lambda: told(events) or events.ended)


def test_closing_it_ends_the_program_and_lets_go_of_everything(tmp_path: Path) -> None:
    crictl = script(tmp_path / "crictl", f"trap '' TERM INT; sleep 1000 & echo $$ $! > {tmp_path}/pids; echo; wait")
    with closing(Events(Program((crictl,)))) as warm:
        told(warm)
    before = len(os.listdir("/proc/self/fd"))
    events = Events(Program((crictl,)))
    told(events)
    pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
    events.close()
    until(lambda: all(map(has_ended, pids)))
    assert len(os.listdir("/proc/self/fd")) == before


def test_it_ends_when_we_are_killed(tmp_path: Path) -> None:
    crictl = script(
        tmp_path / "crictl", f"echo $$ > {tmp_path}/part; mv {tmp_path}/part {tmp_path}/pid; exec sleep 1000"
    )
    code = (
        "import sys, time; from pausetui.backends.crictl.events import Events;"
        "from pausetui.backends.crictl.program import Program; Events(Program((sys.argv[1],))); time.sleep(1000)"
    )
    us = subprocess.Popen([sys.executable, "-c", code, crictl])
    until((tmp_path / "pid").exists)
    pid = int((tmp_path / "pid").read_text())
    us.send_signal(signal.SIGKILL)
    us.wait()
    until(lambda: has_ended(pid))
