"""``python -m pausetui``: the same as the ``pausetui`` command."""

from pausetui.commands.main import main

if __name__ == "__main__":
    raise SystemExit(main())
