"""The beginning of the help of each command, which is all that anybody looks at."""

from __future__ import annotations

USAGE = {
    "": "client for CRI",
    "events": "Stream the events of containers",
    "images": "List images",
    "info": "Display information of the container runtime",
    "inspect": "Display the status of one or more containers",
    "inspecti": "Return the status of one or more images",
    "inspectp": "Display the status of one or more pods",
    "pods": "List pods",
    "ps": "List containers",
    "rm": "Remove one or more containers",
    "rmp": "Remove one or more pods",
    "start": "Start one or more created containers",
    "stats": "List container(s) resource usage statistics",
    "statsp": "List pod statistics",
    "stop": "Stop one or more running containers",
    "stopp": "Stop one or more running pods",
    "version": "Display runtime version information",
}


def help_of(command: str) -> str:
    name = f"crictl {command}".rstrip()
    return f"NAME:\n   {name} - {USAGE[command]}\n\nUSAGE:\n   {name} [command options]\n"
