"""The pause program, made by us: an ELF file of a few hundred bytes, so that nobody needs a compiler.

It is what the pause container of Kubernetes is: it sleeps for ever, ends on SIGTERM and SIGINT, also as pid 1
(where a signal without a handler would be dropped), and leaves no zombies (SIGCHLD is ignored, so that the
kernel reaps what would become one: sigaction(2), POSIX.1-2001). The instructions are written out with their
encodings; numbers of system calls: ``asm/unistd_64.h`` (x86_64), ``asm-generic/unistd.h`` (aarch64).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass

BASE = 0x400000
"""Where the one segment is loaded."""

_FILE_HEADER, _PROGRAM_HEADER = 64, 56
_ENTRY = _FILE_HEADER + 2 * _PROGRAM_HEADER
_ALIGNMENT = 0x10000
"""The largest page size of aarch64: a file aligned to it loads on every kernel."""

_SIGINT, _SIGTERM, _SIGCHLD = 2, 15, 17
_SIG_IGN = 1
_SA_RESTORER = 0x04000000
_SIGSET_BYTES = 8
_ACTION = struct.Struct("<QQQQ")
"""The kernel's struct sigaction: handler, flags, restorer, mask. The same on both."""


@dataclass(frozen=True, slots=True)
class _Places:
    """Addresses of the parts of the program."""

    end: int
    end_action: int
    ignore_action: int


def _x86_64(places: _Places) -> tuple[bytes, int]:
    def act_on(number: int, action: int) -> bytes:
        return b"".join(
            (
                b"\xb8" + struct.pack("<I", 13),  # mov  eax, 13          rt_sigaction
                b"\xbf" + struct.pack("<I", number),  # mov  edi, number
                b"\xbe" + struct.pack("<I", action),  # mov  esi, action      new
                b"\x31\xd2",  # xor  edx, edx         old: not wanted
                b"\x41\xba" + struct.pack("<I", _SIGSET_BYTES),  # mov  r10d, 8
                b"\x0f\x05",  # syscall
            )
        )

    sleep = b"".join(
        (
            b"\xb8" + struct.pack("<I", 34),  # again: mov  eax, 34   pause
            b"\x0f\x05",  # syscall
            b"\xeb\xf7",  # jmp  again            9 bytes back
        )
    )
    end = b"".join(
        (
            b"\xb8" + struct.pack("<I", 231),  # mov  eax, 231         exit_group
            b"\x31\xff",  # xor  edi, edi         0
            b"\x0f\x05",  # syscall
        )
    )
    start = (
        act_on(_SIGTERM, places.end_action)
        + act_on(_SIGINT, places.end_action)
        + act_on(_SIGCHLD, places.ignore_action)
        + sleep
    )
    return start + end, len(start)


def _aarch64(places: _Places) -> tuple[bytes, int]:
    def movz(register: int, value: int, shift: int = 0) -> bytes:
        return struct.pack("<I", 0xD2800000 | (shift // 16) << 21 | value << 5 | register)

    def movk(register: int, value: int, shift: int) -> bytes:
        return struct.pack("<I", 0xF2800000 | (shift // 16) << 21 | value << 5 | register)

    supervisor_call = struct.pack("<I", 0xD4000001)  # svc  #0

    def act_on(number: int, action: int) -> bytes:
        return b"".join(
            (
                movz(0, number),  # movz x0, #number
                movz(1, action & 0xFFFF),  # movz x1, #low 16 bits of the action's address
                movk(1, action >> 16, 16),  # movk x1, #high 16 bits, lsl #16
                movz(2, 0),  # movz x2, #0            old: not wanted
                movz(3, _SIGSET_BYTES),  # movz x3, #8
                movz(8, 134),  # movz x8, #134          rt_sigaction
                supervisor_call,
            )
        )

    sleep = b"".join(
        (
            movz(0, 0),  # again: movz x0, #0     no descriptors
            movz(1, 0),  # movz x1, #0            none of them
            movz(2, 0),  # movz x2, #0            no timeout
            movz(3, 0),  # movz x3, #0            no mask
            movz(8, 73),  # movz x8, #73           ppoll: aarch64 has no pause
            supervisor_call,
            struct.pack("<I", 0x14000000 | (-6 & 0x3FFFFFF)),  # b again   6 instructions back
        )
    )
    end = b"".join(
        (
            movz(0, 0),  # movz x0, #0
            movz(8, 94),  # movz x8, #94           exit_group
            supervisor_call,
        )
    )
    start = (
        act_on(_SIGTERM, places.end_action)
        + act_on(_SIGINT, places.end_action)
        + act_on(_SIGCHLD, places.ignore_action)
        + sleep
    )
    return start + end, len(start)


@dataclass(frozen=True, slots=True)
class _Target:
    elf_machine: int
    code: Callable[[_Places], tuple[bytes, int]]


_TARGETS: Mapping[str, _Target] = {"x86_64": _Target(62, _x86_64), "aarch64": _Target(183, _aarch64)}
MACHINES: tuple[str, ...] = tuple(_TARGETS)
"""The processors that there is a pause for, by their names in ``uname -m``."""


def pause_elf(machine: str) -> bytes:
    """The program for one kind of processor.

    Raises:
        KeyError: There is none for it; see ``MACHINES``.
    """
    target = _TARGETS[machine]
    draft, end = target.code(_Places(0, 0, 0))
    actions = BASE + _ENTRY + (len(draft) + 7) // 8 * 8
    places = _Places(BASE + _ENTRY + end, actions, actions + _ACTION.size)
    code, _ = target.code(places)
    # x86_64 delivers no signal to a handler without a restorer; ours never returns, so any address will do.
    data = _ACTION.pack(places.end, _SA_RESTORER, places.end, 0) + _ACTION.pack(_SIG_IGN, 0, 0, 0)
    body = code + bytes(-len(code) % 8) + data
    return _headers(target.elf_machine, _ENTRY + len(body)) + body


def _headers(elf_machine: int, size: int) -> bytes:
    little_endian_64_bit = b"\x7fELF" + bytes((2, 1, 1, 0)) + bytes(8)
    executable, version, program_headers = 2, 1, 2
    file_header = little_endian_64_bit + struct.pack(
        "<HHIQQQIHHHHHH",
        executable,
        elf_machine,
        version,
        BASE + _ENTRY,
        _FILE_HEADER,
        0,
        0,
        _FILE_HEADER,
        _PROGRAM_HEADER,
        program_headers,
        0,
        0,
        0,
    )
    pt_load, read_execute = 1, 5
    load = struct.pack("<IIQQQQQQ", pt_load, read_execute, 0, BASE, BASE, size, size, _ALIGNMENT)
    pt_gnu_stack, read_write = 0x6474E551, 6
    stack = struct.pack("<IIQQQQQQ", pt_gnu_stack, read_write, 0, 0, 0, 0, 0, 16)
    return file_header + load + stack
