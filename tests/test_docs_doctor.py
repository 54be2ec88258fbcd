"""docs/doctor.md has what the doctor can find, and nothing else."""

import re
from pathlib import Path

from pausetui.core.doctor.finding import FindingId
from pausetui.core.doctor.pods import LOOP_RESTARTS, LOOP_WITHIN
from pausetui.core.doctor.processes import BIG_BYTES, BUSY_PERCENT
from pausetui.core.doctor.sandboxes import MANY_SANDBOXES, REMADE_TIMES, REMADE_WITHIN
from pausetui.live.checkup import APART_SECONDS, LASTS_SECONDS

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "doctor.md").read_text(encoding="utf-8")
ROWS = {row[0].strip(" `"): row for row in (line.strip("| ").split(" | ") for line in PAGE.splitlines()) if row[1:]}


def test_every_finding_is_explained_in_the_order_in_which_it_is_told() -> None:
    assert re.findall(r"^\| `([a-z-]+)` \|", PAGE, re.MULTILINE) == list(FindingId)


def test_the_readme_names_every_finding() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [one for one in FindingId if f"`{one}`" not in readme] == []


def test_the_thresholds_are_those_of_the_checks() -> None:
    assert f"{MANY_SANDBOXES} or more sandboxes" in ROWS[FindingId.SANDBOXES_PILE_UP][2]
    remade = (
        f"{REMADE_TIMES} or more sandboxes of one pod were made in the last {REMADE_WITHIN.seconds // 60} minutes"
    )
    assert remade in ROWS[FindingId.SANDBOX_REMADE_AGAIN_AND_AGAIN][2]
    loops = (
        f"{LOOP_RESTARTS} or more restarts in the present sandbox, the last less than {LOOP_WITHIN.seconds // 60}"
    )
    assert loops in ROWS[FindingId.CRASH_LOOP][2]
    assert f"{BUSY_PERCENT:.0f} % of a core or more, {BIG_BYTES >> 20} MiB" in ROWS[FindingId.PAUSE_NOT_SLEEPING][2]
    assert f"{APART_SECONDS:g} s apart, and once more after {LASTS_SECONDS:g} s" in PAGE
