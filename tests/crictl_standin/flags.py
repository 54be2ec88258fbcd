"""Options as Go's flag package takes them: before the arguments, one dash or two, ``-o json`` or ``-o=json``."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.crictl_standin.said import Usage


@dataclass(slots=True)
class Parsed:
    """Options by their long names, and what follows them."""

    options: dict[str, str] = field(default_factory=dict)
    switches: set[str] = field(default_factory=set)
    arguments: list[str] = field(default_factory=list)


def parse(words: list[str], options: dict[str, str], switches: dict[str, str]) -> Parsed:
    """Read ``words``; ``options`` and ``switches`` give the long name of each name that may be used.

    Raises:
        Usage: An option that is not known, or without its value.
    """
    parsed = Parsed(arguments=list(words))
    while parsed.arguments and parsed.arguments[0].startswith("-") and parsed.arguments[0] != "-":
        word = parsed.arguments.pop(0)
        if word == "--":
            break
        name, equals, value = word.lstrip("-").partition("=")
        if name in switches:
            parsed.switches.add(switches[name])
        elif name not in options:
            raise Usage(f"flag provided but not defined: -{name}")
        elif equals or parsed.arguments:
            parsed.options[options[name]] = value if equals else parsed.arguments.pop(0)
        else:
            raise Usage(f"flag needs an argument: -{name}")
    return parsed


def names(*known: str) -> dict[str, str]:
    """``names("output/o", "id")`` is what ``parse`` takes: every name with its long one."""
    return {each: entry.split("/")[0] for entry in known for each in entry.split("/")}
