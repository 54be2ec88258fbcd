"""The images of the test pods, made of what is on this machine: a pause in C, and busybox."""

from __future__ import annotations

import hashlib
import io
import json
import platform
import shutil
import subprocess
import tarfile
from pathlib import Path

PAUSE = "registry.k8s.io/pause:3.9"
BUSYBOX = "docker.io/library/busybox:1.35"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
"""By the kernel's names, where Go has another."""
APPLETS = ("sh", "sleep", "httpd", "wget", "nc", "cat", "echo", "true", "false", "ps", "hostname", "ip", "kill")

PAUSE_C = """
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void end(int signal) { (void)signal; _exit(0); }
static void reap(int signal) { (void)signal; while (waitpid(-1, NULL, WNOHANG) > 0) ; }

int main(void) {
    struct sigaction ends = {.sa_handler = end}, reaps = {.sa_handler = reap, .sa_flags = SA_NOCLDSTOP};
    if (sigaction(SIGINT, &ends, NULL) || sigaction(SIGTERM, &ends, NULL) || sigaction(SIGCHLD, &reaps, NULL))
        return 3;
    for (;;) pause();
}
"""
"""What the real pause does: it reaps what is left to it, waits, and ends when told."""


def archives(folder: Path) -> list[Path]:
    """Both images as files that ``ctr images import`` takes, put into ``folder``."""
    source, pause = folder / "pause.c", folder / "pause"
    source.write_text(PAUSE_C)
    subprocess.run(["gcc", "-static", "-Os", "-s", "-o", str(pause), str(source)], check=True)
    layer = _layer({"bin/busybox": _busybox()}, APPLETS)
    return [
        _archive(folder / "pause.tar", PAUSE, _layer({"pause": pause.read_bytes()}), ["/pause"]),
        _archive(folder / "busybox.tar", BUSYBOX, layer),
    ]


def _busybox() -> bytes:
    path = shutil.which("busybox")
    program = Path(path).read_bytes() if path else b""
    assert program, "busybox is missing: install busybox-static"
    assert b"/ld-linux" not in program[:4096], "busybox needs libraries: install busybox-static"
    return program


def _layer(programs: dict[str, bytes], applets: tuple[str, ...] = ()) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for folder in ("bin", "tmp", "etc", "www"):
            tar.addfile(_entry(folder, tarfile.DIRTYPE))
        for name, content in programs.items():
            tar.addfile(_entry(name, tarfile.REGTYPE, size=len(content)), io.BytesIO(content))
        for applet in applets:
            tar.addfile(_entry(f"bin/{applet}", tarfile.SYMTYPE, linkname="busybox"))
    return out.getvalue()


def _entry(name: str, kind: bytes, *, size: int = 0, linkname: str = "") -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.mode, entry.size, entry.linkname = kind, 0o755, size, linkname
    return entry


def _archive(path: Path, name: str, layer: bytes, entrypoint: list[str] | None = None) -> Path:
    config = json.dumps(
        {
            "architecture": ARCHITECTURES.get(platform.machine(), platform.machine()),
            "os": "linux",
            "config": {"Env": ["PATH=/bin"], **({"Entrypoint": entrypoint} if entrypoint else {})},
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]},
        }
    ).encode()
    config_name = f"{hashlib.sha256(config).hexdigest()}.json"
    manifest = json.dumps([{"Config": config_name, "RepoTags": [name], "Layers": ["layer.tar"]}]).encode()
    with tarfile.open(path, "w") as tar:
        for member, content in ((config_name, config), ("layer.tar", layer), ("manifest.json", manifest)):
            tar.addfile(_entry(member, tarfile.REGTYPE, size=len(content)), io.BytesIO(content))
    return path
