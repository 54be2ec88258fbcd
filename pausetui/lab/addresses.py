"""The pods' addresses: one small range, handed out in turn."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

RANGE = IPv4Network("10.244.1.0/24")
"""The range of the one node in the text that the lab illustrates. It exists in the lab's network alone."""
GATEWAY = RANGE[1]
PREFIX = RANGE.prefixlen


class Addresses:
    """Hands out addresses in turn, so that a remade pod never gets the one that was just released."""

    def __init__(self) -> None:
        self._taken: set[IPv4Address] = {GATEWAY}
        self._last = GATEWAY

    def take(self) -> str:
        """The next free address.

        Raises:
            OSError: All are in use.
        """
        candidate = self._last
        for _ in range(RANGE.num_addresses - 2):
            candidate = RANGE[1] if candidate == RANGE[-2] else candidate + 1
            if candidate not in self._taken:
                self._taken.add(candidate)
                self._last = candidate
                return str(candidate)
        raise OSError(f"all addresses of {RANGE} are in use")

    def release(self, address: str) -> None:
        """Take an address back; it is handed out again after all others."""
        self._taken.discard(IPv4Address(address))
