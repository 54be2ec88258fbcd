"""What containerd and CNI are told."""

from __future__ import annotations

import json
from pathlib import Path

from tests.real.cri_images import PAUSE

CNI_PLUGINS = Path("/usr/lib/cni")

_CONTAINERD = """
version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
disabled_plugins = [{disabled}]
[grpc]
  address = "{socket}"
[plugins."io.containerd.internal.v1.opt"]
  path = "/var/lib/containerd/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{pause}"
  disable_apparmor = true
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "{plugins}"
    conf_dir = "/etc/cni/net.d"
"""
_BRIDGE = {
    "cniVersion": "0.4.0",
    "name": "node",
    "plugins": [
        {
            "type": "bridge",
            "bridge": "cni0",
            "isGateway": True,
            "ipMasq": False,
            "ipam": {
                "type": "host-local",
                "ranges": [[{"subnet": "10.244.0.0/16"}]],
                "routes": [{"dst": "0.0.0.0/0"}],
            },
        }
    ],
}


def containerd_config(socket: Path, plugins: Path, *, cri: bool) -> str:
    """A configuration file; CNI's plug-ins are in ``plugins``, and without ``cri`` nobody can make pods."""
    disabled = "" if cri else '"io.containerd.grpc.v1.cri"'
    return _CONTAINERD.format(disabled=disabled, socket=socket, pause=PAUSE, plugins=plugins)


def set_up_network(plugins: Path, root: Path, holder: int) -> None:
    """Let the pods have addresses behind a bridge, which is in the network namespace of a process, ``holder``."""
    assert (CNI_PLUGINS / "bridge").exists(), "CNI's plug-ins are missing: install containernetworking-plugins"
    plugins.mkdir()
    for name in ("host-local", "loopback"):
        (plugins / name).symlink_to(CNI_PLUGINS / name)
    bridge = plugins / "bridge"
    bridge.write_text(f"#!/bin/sh\nexec nsenter --net=/proc/{holder}/ns/net {CNI_PLUGINS}/bridge\n")
    bridge.chmod(0o755)
    network = root / "etc/cni/net.d/10-node.conflist"
    network.parent.mkdir(parents=True, exist_ok=True)
    network.write_text(json.dumps(_BRIDGE))
