import json

import pytest
from jsonschema import Draft202012Validator

from pausetui.commands.main import main


@pytest.mark.parametrize("name", ["snapshot", "change", "doctor"])
def test_a_schema_is_printed_whole(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", name]) == 0
    printed = json.loads(capfd.readouterr().out)
    Draft202012Validator.check_schema(printed)
    assert printed["title"] == f"pausetui.{name}/1"
