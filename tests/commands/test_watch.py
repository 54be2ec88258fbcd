import argparse
import json
import math
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace

import pytest

from pausetui.commands import rights
from pausetui.commands.mailbox import Mailbox
from pausetui.commands.watch import count, follow, renderer, seconds
from pausetui.core.changes import Change, ChangeKind, Event
from pausetui.core.wire import event_from_json, snapshot_from_json
from pausetui.live.picture import Picture
from tests import factories


def event(seq: int, pod: str = "default/web") -> Event:
    change = Change(ChangeKind.ADDRESS_CHANGED, pod, pod, None, ("10.244.1.5",), ("10.244.1.6",), "IP changed")
    return Event(seq, factories.NOW, change)


@dataclass
class Pipe:
    """A pipe that stands for stdout."""

    reading: int
    writing: int

    def lines(self) -> list[str]:
        """What was written, after the writing end is closed."""
        os.close(self.writing)
        self.writing = -1
        with open(self.reading, closefd=False) as pipe:
            return pipe.read().splitlines()


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    pipe = Pipe(*os.pipe())
    yield pipe
    for descriptor in (pipe.reading, pipe.writing):
        if descriptor >= 0:
            os.close(descriptor)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with closing(Mailbox()) as mailbox:
        mailbox.picture(Picture(factories.snapshot()))
        yield mailbox


AS_JSON = renderer(argparse.Namespace(output="json", ascii=False))


def test_in_json_every_line_is_one_object_a_snapshot_first(mailbox: Mailbox, pipe: Pipe) -> None:
    mailbox.events((event(1), event(2)))
    follow(mailbox, AS_JSON, until=math.inf, count=2, descriptor=pipe.writing)
    first, *changes = [json.loads(line) for line in pipe.lines()]
    assert snapshot_from_json(first) == factories.snapshot()
    assert [event_from_json(change) for change in changes] == [event(1), event(2)]


def test_in_text_a_table_comes_first_and_a_change_is_one_line(mailbox: Mailbox, pipe: Pipe) -> None:
    mailbox.events((event(1),))
    as_text = renderer(argparse.Namespace(output="text", ascii=True))
    follow(mailbox, as_text, until=math.inf, count=1, descriptor=pipe.writing)
    lines = pipe.lines()
    assert lines[2].startswith("POD ")
    assert lines[-2:] == ["", "2026-03-14 14:05:00.000Z  default/web  IP changed"]


def test_it_ends_after_so_many_changes_and_prints_no_more(mailbox: Mailbox, pipe: Pipe) -> None:
    mailbox.events((event(1), event(2), event(3)))
    follow(mailbox, AS_JSON, until=math.inf, count=2, descriptor=pipe.writing)
    assert [json.loads(line).get("seq") for line in pipe.lines()] == [None, 1, 2]


def test_with_no_change_wanted_it_prints_the_snapshot_alone(mailbox: Mailbox, pipe: Pipe) -> None:
    mailbox.events((event(1),))
    follow(mailbox, AS_JSON, until=math.inf, count=0, descriptor=pipe.writing)
    assert [json.loads(line)["schema"] for line in pipe.lines()] == ["pausetui.snapshot/1"]


def test_it_ends_when_the_time_is_up(mailbox: Mailbox, pipe: Pipe) -> None:
    follow(mailbox, AS_JSON, until=time.monotonic() - 1, count=math.inf, descriptor=pipe.writing)
    assert pipe.lines() == []


def test_a_namespace_leaves_out_the_others(mailbox: Mailbox, pipe: Pipe) -> None:
    mailbox.events((event(1), event(2, "shop/api")))
    follow(mailbox, AS_JSON, until=math.inf, count=1, namespace="shop", descriptor=pipe.writing)
    snapshot, change = [json.loads(line) for line in pipe.lines()]
    assert [pod["name"] for pod in snapshot["pods"]] == ["api"]
    assert change["pod"] == "shop/api"


def test_it_ends_by_itself_when_nobody_reads_any_more_even_if_nothing_changes(pipe: Pipe) -> None:
    with closing(Mailbox()) as mailbox:
        watching = threading.Thread(
            target=follow,
            args=(mailbox, AS_JSON),
            kwargs={"until": math.inf, "count": math.inf, "descriptor": pipe.writing},
            daemon=True,
        )
        watching.start()
        os.close(pipe.reading)
        pipe.reading = -1
        watching.join(10)
        assert not watching.is_alive()


def test_what_is_hidden_is_told_once_on_stderr(
    pipe: Pipe, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(rights, "root_command", lambda: "sudo /usr/bin/pausetui watch")
    pod = factories.pod()
    hidden = factories.snapshot(replace(pod, members=(replace(pod.members[0], cannot_read=True),)))
    with closing(Mailbox(most_waiting=1)) as mailbox:
        mailbox.picture(Picture(hidden))
        follow(mailbox, AS_JSON, until=math.inf, count=0, descriptor=pipe.writing)
    assert capsys.readouterr().err == "pausetui: needs root to see the rest: sudo /usr/bin/pausetui watch\n"


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "1e9"])
def test_a_time_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        seconds(text)


def test_a_negative_number_of_changes_is_refused() -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        count("-1")


WATCH_SOMETHING_THAT_NEVER_CHANGES = """
import sys
from pausetui.commands import watch, choose
from pausetui.commands.main import main
from pausetui.live.picture import Picture
from tests import factories

class Session:
    def __init__(self, *args, **options):
        pass
    def start(self, listener):
        listener(Picture(factories.snapshot()))
    def stop(self):
        print("stopped", file=sys.stderr)

watch.LiveSession = Session
watch.Observer = lambda host: None
choose.switch = lambda args, host: None
sys.exit(main(["watch", "-o", "json"]))
"""


@pytest.fixture
def watching() -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(
        [sys.executable, "-c", WATCH_SOMETHING_THAT_NEVER_CHANGES],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.kill()


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
def test_a_signal_ends_it_with_the_code_that_shells_expect_and_stops_the_session(
    name: str, code: int, watching: "subprocess.Popen[str]"
) -> None:
    assert watching.stdout is not None
    assert snapshot_from_json(json.loads(watching.stdout.readline())) == factories.snapshot()
    watching.send_signal(signal.Signals[name])
    out, err = watching.communicate(timeout=20)
    assert (watching.returncode, out, err) == (code, "", "stopped\n")


def test_a_reader_that_goes_ends_it_quietly(watching: "subprocess.Popen[str]") -> None:
    assert watching.stdout is not None
    watching.stdout.readline()
    watching.stdout.close()
    assert watching.wait(20) == 0
    assert watching.stderr is not None
    assert watching.stderr.read() == "stopped\n"


def restart(kind: ChangeKind, seq: int) -> Event:
    change = Change(kind, "p", "default/web", "p/member/nginx", 1, 2, f"nginx {kind}")
    return Event(seq, factories.NOW, change)


def test_in_text_the_new_pid_of_a_restart_is_said_once() -> None:
    render = renderer(argparse.Namespace(output="text", ascii=False))
    assert render(restart(ChangeKind.CONTAINER_RESTARTED, 1)) != ""
    assert render(restart(ChangeKind.PID_CHANGED, 2)) == ""


def test_in_text_a_new_pid_without_a_restart_is_told() -> None:
    render = renderer(argparse.Namespace(output="text", ascii=False))
    assert render(restart(ChangeKind.PID_CHANGED, 1)) != ""
