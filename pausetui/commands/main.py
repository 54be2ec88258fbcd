"""The command line: what is asked for, and what it ends with.

Exit codes: 0 did it; 1 the doctor found something; 2 could not (usage, no runtime, no permission), with the reason
on stderr; 70 a bug of ours; 130 and 143 ended by SIGINT and SIGTERM. A subcommand's module is imported when it is
chosen, so that ``--help`` costs nothing and ``snapshot`` never loads the screen.
"""

from __future__ import annotations

import argparse
import gc
import os
import re
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn

from pausetui import __version__
from pausetui.errors import PausetuiError, UsageError

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]
else:
    Subparsers = argparse._SubParsersAction

COMMANDS = {
    "snapshot": "print what there is now, as a table or as JSON",
    "watch": "print what there is now, then every change, as it happens",
    "doctor": "say what is wrong with the pods and networks of this machine, and what to do",
    "lab": "run pods of our own on this machine, with no container engine",
    "backends": "list where pods can be read from, and what each finds here",
    "schema": "print the JSON Schema of a snapshot, a change or a check-up",
}
DESCRIPTION = "Watch the pods of this machine, their pause containers and namespaces, live."
EPILOG = """\
Without a command the screen opens. `pausetui --lab` opens it on pods of its own, which end with it, with
`--read-only`, too: then no key can change them. `pausetui COMMAND --help` says more about a command.
"""
DEFAULTS = {
    "backend": "auto",
    "host_root": None,
    "runtime_endpoint": None,
    "config": None,
    "docker_host": None,
    "timeout": None,
    "read_only": False,
    "namespace": None,
    "ascii": False,
    "lab": False,
    "mouse": False,
}
SCREEN_ONLY = {"lab": "--lab", "mouse": "--mouse"}


def main(argv: Sequence[str] | None = None) -> int:
    """Do what the command line says and return the exit code."""
    _fill_closed_descriptors()
    try:
        return _run(sys.argv[1:] if argv is None else argv)
    except PausetuiError as error:
        _complain(str(error))
        return 2
    except BrokenPipeError:
        _nobody_reads_any_more()
        return 0
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001 - the one boundary: whatever is left is a bug of ours
        return _report(error)


def _run(argv: Sequence[str]) -> int:
    args = parser().parse_args(argv, namespace=argparse.Namespace(**DEFAULTS))
    if args.command is None:
        gc.disable()  # importing makes no garbage, and looking for some takes a tenth of the start
        from pausetui.commands import tui

        return tui.run(args)
    for name, option in SCREEN_ONLY.items():
        if getattr(args, name):
            raise UsageError(option, f"it is for the screen, and {args.command!r} has none")
    code: int = args.run(args)
    return code


def parser() -> argparse.ArgumentParser:
    """The whole command line, of which the subcommands' own options are read when they are chosen."""
    root = _Parser(prog="pausetui", description=DESCRIPTION, epilog=EPILOG, formatter_class=_Help)
    root.add_argument("--version", action="version", version=f"pausetui {__version__}")
    _add_common(root)
    screen = root.add_argument_group("the screen")
    screen.add_argument(
        "--lab", action="store_true", default=argparse.SUPPRESS, help="open it on the lab's own pods"
    )
    screen.add_argument("--mouse", action="store_true", default=argparse.SUPPRESS, help="use the mouse, too")
    commands = root.add_subparsers(
        dest="command", metavar="COMMAND", title="commands", action=_Commands, parser_class=_Parser
    )
    for name, summary in COMMANDS.items():
        commands.add_parser(name, help=summary)
    return root


def _add_common(parser: argparse.ArgumentParser) -> None:
    """Options that are understood before and after the command; absent ones leave no trace."""
    group = parser.add_argument_group("where to look, and how to show it")
    group.add_argument(
        "--backend", metavar="NAME", help="crictl, docker, podman, lab, proc, or auto: the first that has pods"
    )
    group.add_argument("-r", "--runtime-endpoint", metavar="ENDPOINT", help="where crictl asks, as crictl's own -r")
    group.add_argument("-c", "--config", metavar="FILE", help="crictl's configuration, as crictl's own -c")
    group.add_argument(
        "-H", "--docker-host", metavar="HOST", help="where Docker or Podman is asked, as docker's -H"
    )
    group.add_argument(
        "-t", "--timeout", metavar="TIME", type=duration, help="how long an answer may take: 10s, 1m"
    )
    group.add_argument("--host-root", metavar="PATH", help="the folder that has the machine's / (if there: /host)")
    group.add_argument("--read-only", "--readonly", action="store_true", help="allow no action at all")
    group.add_argument("-n", "--namespace", metavar="NAME", help="only pods of this Kubernetes namespace")
    group.add_argument("--ascii", action="store_true", help="draw with ASCII characters only")
    for option in group._group_actions:
        option.default = argparse.SUPPRESS


def duration(text: str) -> float:
    """A length of time as crictl takes it, in seconds: "2s", "500ms", "1m30s"; a bare number is seconds."""
    whole = f"{text}s" if re.fullmatch(r"[\d.]+", text) else text
    parts = re.findall(r"(\d+(?:\.\d+)?)(ms|s|m|h)", whole)
    seconds = sum(float(number) * _UNITS[unit] for number, unit in parts)
    if "".join(number + unit for number, unit in parts) != whole or not 0 < seconds < 1e6:
        raise argparse.ArgumentTypeError(f"{text!r} is no length of time; write 10s or 1m")
    return seconds


_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


class _Help(argparse.RawDescriptionHelpFormatter):
    """Help with the options in one column, and the epilog as it was written."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=30)


class _Parser(argparse.ArgumentParser):
    """Says what is wrong without passing on control characters."""

    def error(self, message: str) -> NoReturn:
        from pausetui.text import harmless

        self.print_usage(sys.stderr)
        self.exit(2, f"{self.prog}: {harmless(message, 1024)}\n")


class _Commands(Subparsers):
    """Subcommands that are one line of help until one of them is chosen; then its module adds its options."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        if values and values[0] in COMMANDS:
            name = values[0]
            del self._name_parser_map[name]
            import_module(f"pausetui.commands.{name}").add(self)
            _add_common(self._name_parser_map[name])
        super().__call__(parser, namespace, values, option_string)


def _fill_closed_descriptors() -> None:
    """See to it that nothing we open gets the number of a closed stdin, stdout or stderr, and is written to."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(number, True)
    os.close(number)


def _complain(text: str) -> None:
    from pausetui.commands.output import say

    say(text)


def _report(error: Exception) -> int:
    from pausetui.commands import crash

    if sys.stderr is not None:
        sys.stderr.write(crash.report(error))
    return crash.EXIT_CODE


def _nobody_reads_any_more() -> None:
    """Let the interpreter's last flush of stdout go nowhere instead of failing."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
