from __future__ import annotations

import struct

import pytest

from pausetui.lab.elf import BASE, MACHINES, pause_elf


@pytest.mark.parametrize("machine", MACHINES)
def test_it_is_smaller_than_half_a_kilobyte(machine: str) -> None:
    assert len(pause_elf(machine)) < 512


@pytest.mark.parametrize(("machine", "number"), [("x86_64", 62), ("aarch64", 183)])
def test_the_header_names_the_processor(machine: str, number: int) -> None:
    program = pause_elf(machine)
    assert program[:7] == b"\x7fELF\x02\x01\x01"
    assert struct.unpack_from("<HH", program, 16) == (2, number)


@pytest.mark.parametrize("machine", MACHINES)
def test_the_one_segment_is_the_whole_file_and_cannot_be_written(machine: str) -> None:
    program = pause_elf(machine)
    kind, flags, offset, address, _, in_file, in_memory, alignment = struct.unpack_from("<IIQQQQQQ", program, 64)
    assert (kind, flags, offset, address) == (1, 5, 0, BASE)
    assert in_file == in_memory == len(program)
    assert alignment == 64 * 1024


@pytest.mark.parametrize("machine", MACHINES)
def test_the_stack_cannot_be_executed(machine: str) -> None:
    assert struct.unpack_from("<II", pause_elf(machine), 64 + 56) == (0x6474E551, 6)


@pytest.mark.parametrize("machine", MACHINES)
def test_the_handler_and_the_entry_are_inside_the_program(machine: str) -> None:
    program = pause_elf(machine)
    (entry,) = struct.unpack_from("<Q", program, 24)
    handler, flags, restorer, mask = struct.unpack_from("<QQQQ", program, len(program) - 64)
    assert entry - BASE == 64 + 2 * 56
    assert entry < handler < BASE + len(program) - 64
    assert (flags, restorer, mask) == (0x04000000, handler, 0)
    assert struct.unpack_from("<QQQQ", program, len(program) - 32) == (1, 0, 0, 0)


def test_there_is_none_for_other_processors() -> None:
    with pytest.raises(KeyError):
        pause_elf("riscv64")
