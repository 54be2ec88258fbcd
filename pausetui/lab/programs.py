"""What the lab's members run: small programs that do one visible thing each.

Started as ``python -I -S programs.py NAME PROGRAM [--option=value …]``; NAME becomes the process's name. Each
ends on SIGTERM (as pid 1 of its pid namespace it would otherwise ignore it), writes a line to stdout for what
it does, and closes the descriptor in LAB_READY once it does its work. Nothing else of pausetui is imported,
so that a member stays as small as a Python process can be.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import sys
import time
from collections.abc import Mapping

Options = Mapping[str, str]
_LONGEST_LOG = 64 * 1024


def log(text: str) -> None:
    """One dated line on stdout, in one write."""
    os.write(1, f"{time.strftime('%H:%M:%S')} {text}\n".encode())


def ready() -> None:
    """Tell the supervisor that the work has begun."""
    fd = int(os.environ.pop("LAB_READY", "-1"))
    if fd >= 0:
        os.write(fd, b"+")
        os.close(fd)


def volume(name: str) -> str:
    """A file of the pod's shared volume."""
    return os.path.join(os.environ["LAB_VOLUME"], name)


def web(name: str, options: Options) -> None:
    """Answer HTTP. The page is a file of the volume, or says who answers; each caller is logged."""
    listener = socket.create_server(("", int(options["port"])), reuse_port=False)
    ready()
    while True:
        connection, (caller, _) = listener.accept()
        with connection:
            request = _read_request(connection)
            via = _header(request, "x-forwarded-by")
            log(f"{caller} asked{f' through {via}' if via else ''}")
            _answer(connection, _page(name, options))


def _page(name: str, options: Options) -> bytes:
    if "page" not in options:
        return f"{socket.gethostname()}: {name}\n".encode()
    with open(volume(options["page"]), "rb") as page:
        return page.read()


def fetch(name: str, options: Options) -> None:
    """Ask for a page over and over, and say what came, or why nothing did."""
    host, _, port = options["url"].removeprefix("http://").rstrip("/").partition(":")
    first = True
    while True:
        try:
            log(f"{options['url']} answered: {_get(host, int(port))}")
        except OSError as error:
            log(f"{options['url']} failed: {error.strerror or error}")
        if first:
            ready()
            first = False
        time.sleep(float(options["every"]))


def _get(host: str, port: int) -> str:
    with socket.create_connection((host, port), timeout=3.0) as connection:
        connection.sendall(f"GET / HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    return answer.partition(b"\r\n\r\n")[2].decode(errors="replace").strip()


def writer(name: str, options: Options) -> None:
    """Write a numbered line a second to the log that it shares with the collector."""
    start = f"{time.time():.3f}"
    ready()
    for number in range(10**9):
        with open(volume("app.log"), "a", encoding="ascii") as shared:
            if shared.tell() > _LONGEST_LOG:
                shared.truncate(0)
            shared.write(f"started {start} line {number}\n")
        time.sleep(1.0)


def collector(name: str, options: Options) -> None:
    """Read the shared log to its end over and over, and keep what was read."""
    position = 0
    ready()
    while True:
        try:
            with open(volume("app.log"), "rb") as shared:
                position = 0 if os.fstat(shared.fileno()).st_size < position else position
                shared.seek(position)
                lines = shared.read()
                position = shared.tell()
        except FileNotFoundError:
            lines = b""
        with open(volume("collected.log"), "ab") as kept:
            if kept.tell() > _LONGEST_LOG:
                kept.truncate(0)
            kept.write(lines)
        time.sleep(1.0)


def proxy(name: str, options: Options) -> None:
    """Take every connection, and make the request anew to the app on localhost, from an address of its own."""
    listener = socket.create_server(("", int(options["port"])))
    ready()
    while True:
        connection, (caller, _) = listener.accept()
        with connection:
            head, _, rest = _read_request(connection).partition(b"\r\n")
            request = head + f"\r\nX-Forwarded-By: {name}\r\nX-Forwarded-For: {caller}\r\n".encode() + rest
            log(f"{caller} asked, passed on to localhost:{options['to-port']}")
            try:
                connection.sendall(_pass_on(request, int(options["to-port"])))
            except OSError as error:
                log(f"the app did not answer: {error.strerror or error}")
                _answer(connection, b"the app did not answer\n", "503 Service Unavailable")


def _pass_on(request: bytes, port: int) -> bytes:
    with socket.create_connection(("127.0.0.1", port), 3.0, source_address=("127.0.0.6", 0)) as app:
        app.sendall(request)
        return b"".join(iter(lambda: app.recv(4096), b""))


def setup(name: str, options: Options) -> None:
    """Write the page that the main container serves, and end."""
    with open(volume("index.html"), "w", encoding="ascii") as page:
        page.write(f"written by the init container of {socket.gethostname()} at {time.time():.3f}\n")
    log("wrote index.html")


def orphans(name: str, options: Options) -> None:
    """Leave a child behind over and over: its parent ends first, so pid 1 inherits it and must reap it."""
    ready()
    while True:
        child = os.fork()
        if child == 0:
            grandchild = os.fork()
            if grandchild == 0:
                time.sleep(1.0)
            os._exit(0)
        os.waitpid(child, 0)
        log("left an orphan behind")
        time.sleep(float(options["every"]))


def crasher(name: str, options: Options) -> None:
    """Run for a moment and fail."""
    ready()
    time.sleep(float(options["after"]))
    log("fails, as it always does")
    sys.exit(1)


def probe(name: str, options: Options) -> None:
    """Ask a pod for a page from outside, as kubelet's probes do."""
    fetch(name, {"url": f"http://{options['address']}:{options['port']}", "every": "5"})


def _read_request(connection: socket.socket) -> bytes:
    connection.settimeout(3.0)
    data = b""
    try:
        while b"\r\n\r\n" not in data and len(data) < 65536:
            part = connection.recv(4096)
            if not part:
                break
            data += part
    except OSError as error:
        log(f"a caller went away: {error.strerror or error}")
    return data


def _header(request: bytes, name: str) -> str:
    for line in request.decode("latin-1").split("\r\n")[1:]:
        key, _, value = line.partition(":")
        if key.lower() == name:
            return value.strip()
    return ""


def _answer(connection: socket.socket, body: bytes, status: str = "200 OK") -> None:
    head = f"HTTP/1.0 {status}\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\n\r\n"
    try:
        connection.sendall(head.encode() + body)
    except OSError as error:
        log(f"a caller went away: {error.strerror or error}")


PROGRAMS = {each.__name__: each for each in (web, fetch, writer, collector, proxy, setup, orphans, crasher, probe)}


def main(arguments: list[str]) -> None:
    """Run one program under a name."""
    name, program, *rest = arguments
    signal.signal(signal.SIGTERM, lambda number, frame: os._exit(0))
    signal.signal(signal.SIGINT, lambda number, frame: os._exit(0))
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    ctypes.CDLL(None).prctl(15, name.encode()[:15], 0, 0, 0)
    PROGRAMS[program](name, dict(option.removeprefix("--").split("=", 1) for option in rest))


if __name__ == "__main__":
    main(sys.argv[1:])
