"""Which addresses the CNI plug-in host-local has given away, from its files.

Below ``/var/lib/cni/networks/NETWORK`` a file is named by the address; its first line is the id of the container it
was given to, its second the interface (containernetworking/plugins, host-local: store.go). Podman up to 4 has its
containers' addresses in the same folder; those that its store still has are left out.
"""

from __future__ import annotations

import os
from ipaddress import ip_address

from pausetui.core.doctor.finding import Reservation
from pausetui.kernel.host import HostRoot
from pausetui.text import harmless

FOLDER = "/var/lib/cni/networks"
STORE = "/var/lib/containers/storage/overlay-containers"
"""containers/storage: a folder for each container of Podman and CRI-O."""
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
    stored = _stored(host)
    found: list[Reservation] = []
    for network in networks:
        try:
            names = sorted(os.listdir(os.path.join(folder, network)))
        except FileNotFoundError:
            continue
        except OSError:
            return None
        made = (_reservation(folder, network, name) for name in names)
        found += [one for one in made if one is not None and one.container_id not in stored]
    return tuple(found)


def _stored(host: HostRoot) -> frozenset[str]:
    try:
        return frozenset(os.listdir(host.join(STORE)))
    except OSError:
        return frozenset()


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
