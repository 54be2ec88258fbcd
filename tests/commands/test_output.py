import os
import threading

import pytest

from pausetui.commands.output import CannotWrite, say, write


def written_through_a_pipe(text: str, *, blocking: bool) -> bytes:
    reading, writing = os.pipe()
    os.set_blocking(writing, blocking)
    read: list[bytes] = []

    def read_all() -> None:
        with open(reading, "rb") as pipe:
            read.append(pipe.read())

    reader = threading.Thread(target=read_all)
    reader.start()
    write(text, writing)
    os.close(writing)
    reader.join()
    return read[0]


@pytest.mark.parametrize("blocking", [True, False])
def test_a_text_larger_than_the_pipe_is_written_whole(blocking: bool) -> None:
    text = "x" * 300_000
    assert written_through_a_pipe(text, blocking=blocking) == text.encode()


def test_a_reader_that_is_gone_is_told_apart() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with pytest.raises(BrokenPipeError):
        write("x", writing)
    os.close(writing)


def test_a_full_disk_is_said_in_words() -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    with pytest.raises(CannotWrite, match="writing to stdout: No space left on device"):
        write("x", full)
    os.close(full)


def test_what_is_said_is_harmless(capsys: pytest.CaptureFixture[str]) -> None:
    say("cannot read \x1b]0;owned\x07")
    assert capsys.readouterr() == ("", "pausetui: cannot read \\x1b]0;owned\\x07\n")
