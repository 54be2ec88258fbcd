"""``pausetui lab up | down | status``: pods of our own, with no container engine and no Kubernetes."""

from __future__ import annotations

import argparse

from pausetui.commands import output
from pausetui.core.inventory import PodRecord
from pausetui.errors import UsageError
from pausetui.lab import client, owner
from pausetui.lab.names import VARIABLE
from pausetui.lab.scenarios import DEFAULT, SCENARIOS
from pausetui.lab.status import LabStatus, line

DESCRIPTION = """\
Run real pods in real namespaces on this machine. Everything is below one process and in a network of the
lab's own: the host's network is not touched, and nothing is left when it ends.
"""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser(
        "lab",
        help="run pods of our own on this machine, with no container engine",
        description=DESCRIPTION,
        epilog=(
            f"{VARIABLE}=NAME in the environment makes and finds a second lab beside the first. "
            "With --read-only only `status` is allowed."
        ),
    )
    verbs = parser.add_subparsers(dest="verb", metavar="up|down|status", required=True)
    up = verbs.add_parser(
        "up",
        help="start pods and return when all are ready",
        description="Start a lab that stays until `pausetui lab down`; return when all its pods are ready.",
        epilog=_scenarios(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    up.add_argument("scenario", nargs="*", metavar="SCENARIO", help=f"which pods (default: {' '.join(DEFAULT)})")
    up.set_defaults(run=_up)
    down = verbs.add_parser("down", help="end the lab; return when nothing of it is left")
    down.set_defaults(run=_down)
    status = verbs.add_parser("status", help="say what the lab has and who owns it")
    status.add_argument(
        "-o", "--output", choices=("table", "json"), default="table", help="how to print it (default: table)"
    )
    status.set_defaults(run=_status)
    for each in (up, down, status):
        each.add_argument(
            "--read-only",
            "--readonly",
            action="store_true",
            default=argparse.SUPPRESS,
            help="allow no action at all: of these, status alone",
        )


def run(args: argparse.Namespace) -> int:
    """Do what the chosen verb says."""
    code: int = args.run(args)
    return code


def _scenarios() -> str:
    room = max(map(len, SCENARIOS))
    return "scenarios:\n" + "\n".join(f"  {name:<{room}}  {pod.about}" for name, pod in SCENARIOS.items())


def _up(args: argparse.Namespace) -> int:
    _refuse_if_read_only(args, "starting a lab")
    lab = owner.start_detached(args.scenario)
    try:
        status = lab.wait_ready()
    except KeyboardInterrupt:
        lab.close()
        raise
    finally:
        lab.leave_alone()
    output.write(_table(status))
    return 0


def _down(args: argparse.Namespace) -> int:
    _refuse_if_read_only(args, "ending the lab")
    client.down()
    output.write("the lab is down\n")
    return 0


def _refuse_if_read_only(args: argparse.Namespace, doing: str) -> None:
    if args.read_only:
        raise UsageError(
            doing, "--read-only allows no action", f"Say it without: pausetui lab {args.verb}. status is allowed."
        )


def _status(args: argparse.Namespace) -> int:
    if args.output == "json":
        output.write(line(client.document()).decode())
    else:
        output.write(_table(client.status()))
    return 0


def _table(status: LabStatus) -> str:
    whose = f"belongs to pid {status.owner}" if status.owner else "stands alone, until: pausetui lab down"
    rows = [("POD", "STATE", "ADDRESS", "PAUSE", "MEMBERS"), *map(_row, status.pods)]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]) for row in rows
    ]
    lines += [f"waiting: {text}" for text in status.waiting]
    return "\n".join([f"lab: pid {status.pid}, {whose}", *lines]) + "\n"


def _row(pod: PodRecord) -> tuple[str, str, str, str, str]:
    pause = pod.pause.process if pod.pause else None
    members = ", ".join(f"{member.name} ({member.state})" for member in pod.members)
    return (
        f"{pod.namespace}/{pod.name}",
        pod.state,
        ", ".join(pod.runtime_addresses) or "-",
        str(pause.pid) if pause else "-",
        members,
    )
