import argparse
import subprocess
import sys
from importlib import import_module
from types import ModuleType

import pytest

from pausetui import __version__
from pausetui.commands.main import COMMANDS, main, parser
from pausetui.errors import CannotLook

HEAVY = ("textual", "rich", "pausetui.kernel", "pausetui.live", "pausetui.backends", "pausetui.lab", "asyncio")
SAY_WHAT_IS_LOADED = """
import sys
from pausetui.commands.main import main
try:
    main(sys.argv[1:])
finally:
    print(*sys.modules, file=sys.stderr)
"""


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def chosen(monkeypatch: pytest.MonkeyPatch) -> list[argparse.Namespace]:
    """What ``pausetui watch`` is run with, in place of watching."""
    seen: list[argparse.Namespace] = []

    def run(args: argparse.Namespace) -> int:
        seen.append(args)
        return 7

    def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
        parser = subparsers.add_parser("watch")
        parser.add_argument("-o", "--output")
        parser.set_defaults(run=run)

    module = ModuleType("pausetui.commands.watch")
    module.__dict__.update(add=add, run=run)
    monkeypatch.setitem(sys.modules, "pausetui.commands.watch", module)
    return seen


def failing(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> int:
    """The exit code where the command ends with this."""

    def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
        def run(args: argparse.Namespace) -> int:
            raise error

        subparsers.add_parser("watch").set_defaults(run=run)

    module = ModuleType("pausetui.commands.watch")
    module.__dict__.update(add=add)
    monkeypatch.setitem(sys.modules, "pausetui.commands.watch", module)
    return main(["watch"])


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["nonsense"]])
def test_help_version_and_mistakes_load_nothing_heavy(arguments: list[str]) -> None:
    loaded = python("-c", SAY_WHAT_IS_LOADED, *arguments).stderr.split()
    assert "pausetui.commands.main" in loaded
    assert [name for name in loaded if name in HEAVY] == []


def test_python_m_pausetui_is_the_same_program() -> None:
    assert python("-m", "pausetui", "--version").stdout == f"pausetui {__version__}\n"


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    printed = " ".join(capsys.readouterr().out.split())
    for name, summary in COMMANDS.items():
        assert f"{name} {summary}" in printed


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_is_in_the_module_of_its_name_and_adds_itself(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert callable(import_module(f"pausetui.commands.{name}").add)
    with pytest.raises(SystemExit):
        parser().parse_args([name, "--help"])
    assert capsys.readouterr().out.startswith(f"usage: pausetui {name} ")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--backend", "lab", "-n", "shop", "--read-only", "watch", "-o", "json"],
        ["watch", "-o", "json", "--readonly", "-n", "shop", "--backend", "lab"],
        ["--readonly", "--backend=proc", "watch", "--namespace", "shop", "-ojson", "--backend", "lab"],
    ],
)
def test_options_are_understood_before_and_after_the_command(
    arguments: list[str], chosen: list[argparse.Namespace]
) -> None:
    assert main(arguments) == 7
    (args,) = chosen
    assert (args.backend, args.namespace, args.read_only, args.output) == ("lab", "shop", True, "json")


def test_an_option_that_is_not_given_has_its_default(chosen: list[argparse.Namespace]) -> None:
    main(["watch"])
    (args,) = chosen
    assert (args.backend, args.host_root, args.namespace) == ("auto", None, None)
    assert (args.read_only, args.ascii) == (False, False)


def test_a_value_that_is_also_a_commands_name_is_a_value(chosen: list[argparse.Namespace]) -> None:
    main(["--backend", "snapshot", "watch"])
    assert chosen[0].backend == "snapshot"


@pytest.mark.parametrize("option", ["--lab", "--mouse"])
def test_options_of_the_screen_are_refused_where_there_is_none(
    option: str, chosen: list[argparse.Namespace], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([option, "watch"]) == 2
    assert capsys.readouterr().err == f"pausetui: {option}: it is for the screen, and 'watch' has none\n"
    assert chosen == []


@pytest.mark.parametrize("arguments", [["nonsense"], ["--nonsense"], ["snapshot", "-o", "xml"], ["watch", "x"]])
def test_what_is_not_understood_ends_with_2_and_says_so_on_stderr(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "usage: pausetui" in err


def test_a_mistake_is_repeated_without_its_control_characters(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--\x1b]0;owned\x07"])
    assert "\x1b" not in capsys.readouterr().err


def test_what_could_not_be_done_ends_with_2_and_the_reason_and_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    error = CannotLook("reaching the lab", "none is up\x1b[2J", "Start one with: pausetui lab up")
    assert failing(error, monkeypatch) == 2
    expected = "pausetui: reaching the lab: none is up\\x1b[2J. Start one with: pausetui lab up\n"
    assert capsys.readouterr() == ("", expected)


def test_a_bug_of_ours_ends_with_70_and_a_report(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert failing(ZeroDivisionError("oops"), monkeypatch) == 70
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("pausetui: this is a bug of ours")
    assert err.endswith("ZeroDivisionError: oops\n")


def test_ctrl_c_ends_with_130_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert failing(KeyboardInterrupt(), monkeypatch) == 130
    assert capsys.readouterr() == ("", "")


def test_a_reader_that_is_gone_is_no_failure() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "pausetui", "schema", "snapshot"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == b""
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("redirection", "why"), [(">/dev/full", "No space left on device"), (">&-", "it is closed")]
)
def test_a_stdout_that_takes_nothing_ends_with_2(redirection: str, why: str) -> None:
    command = f'"$0" -m pausetui schema change {redirection}'
    done = subprocess.run(["sh", "-c", command, sys.executable], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, f"pausetui: writing to stdout: {why}\n")
