"""What crictl's complaints mean: recorded from crictl 1.24.2, 1.28.0, 1.30.0 and 1.36.0 on two containerd."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import pytest

from pausetui.backends.crictl.failures import as_error, complaint, is_not_found
from pausetui.backends.crictl.program import Ran
from pausetui.errors import CannotLook, NoPermission

RECORDED = Path(__file__).parents[2] / "data" / "crictl_failures.json"
"""Each different complaint once: its last two lines, and the endpoint that was named by ``-r``."""


class Told(NamedTuple):
    why: str
    next_step: str = ""
    error: type[CannotLook] = CannotLook


MISSING = Told("there is no socket {endpoint}", "Start the runtime, or name the runtime's socket")
REFUSED = Told("nobody listens at {endpoint}", "systemctl status containerd")
HUNG = Told("the runtime at {endpoint} does not answer: it hangs", "--timeout 10")
SLOW = Told("the runtime did not answer this in time", "--timeout 10")
NO_CRI = Told(
    "whoever listens at {endpoint} does not serve the CRI", "disabled_plugins in /etc/containerd/config.toml"
)
NOT_GRPC = Told("whoever listens at {endpoint} does not speak gRPC", "--runtime-endpoint unix:///PATH")
NOT_KNOWN = Told("the runtime does not know this call")
TOO_OLD = Told("this crictl does not know what it is asked", "Install crictl 1.24 or newer")
CONFIG = Told("crictl cannot use its configuration: load config file: ", "--config FILE")
NOT_UNIX = Told("crictl reaches a runtime by a unix socket only", "--runtime-endpoint unix:///PATH")
GONE = Told("an error occurred when try to find")
AS_SAID = Told("")

CAUSES = {
    "missing-socket": MISSING,
    "no-endpoint-nothing-there": Told("there is no socket unix:///var/run/cri-dockerd.sock"),
    "no-permission": Told("Permission denied: we may not use {endpoint}", "sudo pausetui", NoPermission),
    "not-a-socket": REFUSED,
    "refused": REFUSED,
    "daemon-dead": REFUSED,
    "tcp-refused": NOT_UNIX,
    "bad-scheme": NOT_UNIX,
    "empty-endpoint": Told("the endpoint is empty", "Unset it"),
    "not-grpc": NOT_GRPC,
    "config-flag": CONFIG,
    "hung-t2": HUNG,
    "hung-t-bad": AS_SAID,
    "no-cri": NO_CRI,
    "shim-hung-t2-stats": SLOW,
    "shim-hung": SLOW,
    "help-events": TOO_OLD,
    "version-json": TOO_OLD,
    "unknown": TOO_OLD,
    "flag-after-command": TOO_OLD,
    "inspectp-no-match": TOO_OLD,
    "inspectp-empty-id": AS_SAID,
    "inspect-none": AS_SAID,
    "inspectp": GONE,
    "inspect": GONE,
    "stop-none": AS_SAID,
    "stop-unknown": GONE,
    "stopp-unknown": GONE,
    "rmp-f-again": GONE,
    "rmp-ready": Told("is running, please stop it first"),
    "rm-running": AS_SAID,
    "rm-unknown": GONE,
    "events-daemon-dies": Told("the runtime at {endpoint} went away: error reading from server: EOF", "restarting"),
}
"""By how the name of the recorded case begins; the longest counts."""

BY_CASE_AND_VERSION = {
    ("metricsp", "1.24.2"): TOO_OLD,
    ("metricsp", "1.28.0"): NOT_KNOWN,
    ("events-kill", "1.30.0"): NOT_KNOWN,
    ("events-kill", "1.36.0"): Told("getting container events: interrupted: context canceled"),
}


class Failure(NamedTuple):
    case: str
    crictl: str
    endpoint: str | None
    ran: Ran

    @property
    def told(self) -> Told:
        if self.ran.rc < 0:
            return Told("crictl said nothing (it was killed by signal 9)")
        begins = [begin for begin in CAUSES if self.case.startswith(begin)]
        return BY_CASE_AND_VERSION.get((self.case, self.crictl)) or CAUSES[max(begins, key=len)]


FAILURES = [
    Failure(row["case"], row["crictl"], row["endpoint"], Ran(row["rc"], "", row["err"]))
    for row in json.loads(RECORDED.read_text())
]


@pytest.mark.parametrize("failure", FAILURES, ids=[f"{one.crictl} {one.case}" for one in FAILURES])
def test_a_recorded_complaint_has_its_cause_and_its_remedy(failure: Failure) -> None:
    error = as_error(failure.ran, "listing the pods", failure.endpoint)
    assert failure.told.why.format(endpoint=failure.endpoint) in error.why
    assert failure.told.next_step in error.next_step
    assert type(error) is failure.told.error
    assert error.what == "listing the pods"


def test_only_the_complaints_of_missing_ids_are_about_missing_ids() -> None:
    assert {one.case for one in FAILURES if is_not_found(one.ran)} == {
        "inspectp-unknown",
        "inspectp-flag-after-id",
        "inspect-unknown",
        "stop-unknown",
        "stopp-unknown",
        "rm-unknown",
        "rmp-f-again",
    }


def test_an_unknown_id_after_known_ones_is_not_found_whatever_was_answered() -> None:
    unknown = next(one.ran for one in FAILURES if one.case == "inspectp-unknown")
    assert is_not_found(Ran(1, '{"status": {}}\n', unknown.err))
    assert not is_not_found(Ran(0, "", unknown.err))


def test_without_a_known_endpoint_it_is_taken_from_the_complaint() -> None:
    refused = [one.ran for one in FAILURES if one.case == "refused"]
    assert {as_error(ran, "", None).why for ran in refused} == {
        "nobody listens at unix:///run/containerd/refused.sock: the runtime is not running"
    }


def test_a_warning_before_the_complaint_does_not_count() -> None:
    warning = 'time="2026-11-24T06:30:14Z" level=warning msg="Config \\"/etc/crictl.yaml\\" does not exist"\n'
    fatal = 'time="2026-11-24T06:30:14Z" level=fatal msg="load config file: oh \\"no\\"\\n"\n'
    assert complaint(Ran(1, "", warning + fatal)) == 'load config file: oh "no"\n'


def test_a_complaint_on_a_terminal_is_read_too() -> None:
    assert complaint(Ran(1, "", "FATA[0000] load config file: oh no\n")) == "load config file: oh no"


def test_a_failure_without_a_word_tells_its_exit_code() -> None:
    assert "exit code 7" in as_error(Ran(7, "", "\n"), "listing the pods", None).why


def test_what_a_runtime_says_is_made_harmless_and_short() -> None:
    error = as_error(Ran(1, "", "rpc error: code = Unknown desc = \x1b[2J" + "x" * 5000), "stopping", None)
    assert error.why.startswith("\\x1b[2J")
    assert len(error.why) < 600
