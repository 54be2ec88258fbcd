"""Which addresses the CNI plug-in host-local has given away, from its files.

Below ``/var/lib/cni/networks/NETWORK`` a file is named by the address; its first line is the id of the container it
was given to, its second the interface (containernetworking/plugins, host-local: store.go).
"""

from __future__ import annotations

import os
from ipaddress import ip_address

from pausetui.core.doctor.finding import Reservation
from pausetui.kernel.host import HostRoot
from pausetui.text import harmless

FOLDER = "/var/lib/cni/networks"
_MOST_BYTES = 4096


def reservations(host: HostRoot) -> tuple[Reservation, ...] | None:
    """Every reservation of every network, in the order of their paths; None if they can't be read."""
    folder = host.join(FOLDER)
    try:
        networks = sorted(entry.name for entry in os.scandir(folder) if entry.is_dir())
    except FileNotFoundError:
        return ()
    except OSError:
        return None
    found: list[Reservation] = []
    for network in networks:
        try:
            names = sorted(os.listdir(os.path.join(folder, network)))
        except FileNotFoundError:
            continue
        except OSError:
            return None
        found += [one for name in names if (one := _reservation(folder, network, name)) is not None]
    return tuple(found)


def _reservation(folder: str, network: str, name: str) -> Reservation | None:
    try:
        address = str(ip_address(name.replace("_", ":")))
    except ValueError:
        return None  # last_reserved_ip.0 and lock
    path = os.path.join(folder, network, name)
    try:
        with open(path, encoding="utf-8", errors="backslashreplace") as file:
            first = file.readline(_MOST_BYTES).strip()
    except OSError:
        return None
    return Reservation(harmless(network), address, harmless(first), harmless(path))
