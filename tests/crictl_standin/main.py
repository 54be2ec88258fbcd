"""The program: finds the command, the runtime, and keeps a log of what it was called with."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable

from tests.crictl_standin import deeds, reads
from tests.crictl_standin.endpoint import asked, configured, duration
from tests.crictl_standin.flags import Parsed, names, parse
from tests.crictl_standin.help import help_of
from tests.crictl_standin.runtime import Runtime, connected
from tests.crictl_standin.said import Fatal, Usage, log
from tests.crictl_standin.versions import Version, chosen

LOG = "CRICTL_STANDIN_LOG"
_GLOBAL = names("runtime-endpoint/r", "image-endpoint/i", "config/c", "timeout/t")
_GLOBAL_SWITCHES = names("debug/D", "version/v", "help/h")
_POD_FILTER = names("id", "name", "namespace", "state/s", "label", "last/n")
_CONTAINER_FILTER = names("id", "name", "pod/p", "state/s", "label", "last/n")
_OUTPUT = names("output/o")
_NONE: dict[str, str] = {}
_Do = Callable[[Runtime, Parsed], None]
_Command = tuple[_Do, dict[str, str], dict[str, str]]

COMMANDS: dict[str, _Command] = {
    "events": (reads.events, _OUTPUT, _NONE),
    "images": (reads.images, _OUTPUT, names("quiet/q")),
    "info": (reads.info, _OUTPUT, names("quiet/q")),
    "inspect": (reads.inspect, _OUTPUT, names("quiet/q")),
    "inspecti": (reads.inspecti, _OUTPUT, names("quiet/q")),
    "inspectp": (reads.inspectp, _OUTPUT, names("quiet/q")),
    "pods": (reads.pods, _OUTPUT | _POD_FILTER, names("quiet/q", "no-trunc", "latest/l")),
    "ps": (reads.ps, _OUTPUT | _CONTAINER_FILTER, names("all/a", "quiet/q", "no-trunc", "latest/l")),
    "rm": (deeds.rm, _NONE, names("force/f", "all/a")),
    "rmp": (deeds.rmp, _NONE, names("force/f", "all/a")),
    "start": (deeds.start, _NONE, _NONE),
    "stats": (reads.stats, _OUTPUT | names("id", "pod/p", "label", "seconds/s"), names("all/a")),
    "statsp": (reads.statsp, _OUTPUT | names("id", "label", "seconds/s"), _NONE),
    "stop": (deeds.stop, names("timeout/t"), _NONE),
    "stopp": (deeds.stopp, _NONE, _NONE),
    "version": (reads.version, _NONE, _NONE),
}


def logged(words: list[str], began: float) -> int:
    """Run it, with a line in the log when it begins and one when it ends; ``began`` is a ``time.monotonic()``."""
    for number in (signal.SIGINT, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)
    _note(argv=words)
    code = main(words, chosen())
    sys.stdout.flush()
    sys.stderr.flush()
    _note(rc=code, ms=round((time.monotonic() - began) * 1000, 1))
    os._exit(code)  # gRPC's threads have nothing to say any more


def main(words: list[str], version: Version) -> int:
    """Its exit code."""
    command = ""
    try:
        given = parse(words, _GLOBAL, _GLOBAL_SWITCHES)
        duration(given.options.get("timeout", "0"))
        if "version" in given.switches:
            print(f"crictl version {version.number}")
        elif not given.arguments or "help" in given.switches:
            print(help_of(""))
        else:
            config = configured(given, sys.argv[0], version)
            command, *rest = given.arguments
            if command not in COMMANDS or (command == "events" and not version.since(1, 29)):
                raise Fatal(f"No help topic for '{command}'", plain=True, code=3)
            do, parsed = _understood(command, rest, version)
            if "help" in parsed.switches:
                print(help_of(command))
            else:
                do(connected(asked(given, config, version), version), parsed)
    except Usage as wrong:
        mark = ":" if command or version.since(1, 28) else "."
        print(f"Incorrect Usage{mark} {wrong}\n\n{help_of(command)}")
        log("fatal", str(wrong))
        return 1
    except Fatal as wrong:
        wrong.tell()
        return wrong.code
    return 0


def _understood(command: str, words: list[str], version: Version) -> tuple[_Do, Parsed]:
    do, options, switches = COMMANDS[command]
    if command in ("inspect", "inspectp") and version.protojson:
        options = options | _POD_FILTER
    return do, parse(words, options, switches | names("help/h"))


def _note(**what: object) -> None:
    if path := os.environ.get(LOG):
        line = json.dumps({"pid": os.getpid(), "at": time.time(), **what}) + "\n"
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
        os.write(descriptor, line.encode())
        os.close(descriptor)
