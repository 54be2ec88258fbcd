from pausetui import __version__
from pausetui.commands.crash import report


def crashed(secret: str) -> str:
    try:
        raise KeyError("no such pod\x1b[2J") from ValueError("first")
    except KeyError as error:
        return report(error)


def test_a_report_has_the_traceback_and_its_cause_and_no_value_of_any_variable() -> None:
    text = crashed("hunter2")
    assert "ValueError: first" in text
    assert "in crashed" in text
    assert "hunter2" not in text


def test_a_report_says_what_it_needs_to_be_mended() -> None:
    first, second, *_ = crashed("").splitlines()
    assert "a bug of ours" in first
    assert f"pausetui {__version__}, Python 3." in second
    assert "Linux" in second


def test_a_report_does_not_pass_on_control_characters() -> None:
    assert "\x1b" not in crashed("")
