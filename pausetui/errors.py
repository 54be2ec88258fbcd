"""What can go wrong, as a tree.

PausetuiError
├── CannotLook          the runtime, the lab or the kernel could not be asked
│   └── NoPermission    it exists, and we may not
├── ActionRefused       an action was not carried out, and nothing was changed
├── UsageError          the command line asks for something that makes no sense
└── NotOurFormat        a file or a message that we cannot read

Each says what failed, why, and what to do next. The command line turns any of them into exit code 2.
"""

from __future__ import annotations


class PausetuiError(Exception):
    """Something that the user can be told in three sentences.

    Attributes:
        what: What failed, and on what ("reading the lab's state").
        why: The reason, in the words of whoever gave it ("Connection refused").
        next_step: What to do about it ("start it with: pausetui lab up"), or "".
    """

    def __init__(self, what: str, why: str, next_step: str = "") -> None:
        super().__init__(what, why, next_step)
        self.what = what
        self.why = why
        self.next_step = next_step

    def __str__(self) -> str:
        text = f"{self.what}: {self.why}"
        return f"{text}. {self.next_step}" if self.next_step else text


class CannotLook(PausetuiError):
    """The runtime, the lab or the kernel could not be asked."""


class NoPermission(CannotLook):
    """It is there, and we may not look at it."""


class ActionRefused(PausetuiError):
    """An action was not carried out; nothing was changed."""


class UsageError(PausetuiError):
    """The command line asks for something that makes no sense."""


class NotOurFormat(PausetuiError):
    """A file or a message that we cannot read."""
