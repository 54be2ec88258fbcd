"""What the lab's launcher is started as: ``python -I -S pausetui/lab …``, with nothing on the path but pausetui.

A folder and not ``-m``, so that the lab starts without the site packages and whatever they load.
"""

import os
import sys


def _main() -> int:
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[0] = os.path.dirname(os.path.dirname(here))
    from pausetui.lab.launcher import main

    return main(sys.argv[1:])


if __name__ == "__main__":
    raise SystemExit(_main())
