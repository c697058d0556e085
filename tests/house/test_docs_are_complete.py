"""Every setting and every command is named where an operator looks for it."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SETTING = re.compile(r"""(?:\benv\.\w+\(|\benviron\.get\(|\benviron\[)\s*"([A-Z][A-Z0-9_]+)\"""")
# set by the product for its own children
INTERNAL = {"DJANGO_SETTINGS_MODULE"}


def settings_read() -> set[str]:
    read = {"PORT", "LIVE_PORT"}
    for name in ("settings.py", "core/running.py"):
        read |= set(SETTING.findall((ROOT / "sora_social" / name).read_text()))
    return read - INTERNAL


def settings_named() -> set[str]:
    return set(re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))


def commands() -> set[str]:
    found = {path.stem for path in ROOT.glob("**/management/commands/*.py") if ".venv" not in path.parts}
    return found - {"__init__"}


def test_every_setting_is_in_the_example():
    assert len(settings_read()) > 30
    assert settings_read() - settings_named() == set()


def test_the_example_names_nothing_that_is_not_read():
    read_elsewhere = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}  # by the S3 library
    assert settings_named() - settings_read() - read_elsewhere == set()


def test_every_command_is_in_operations():
    text = (ROOT / "docs/operations.md").read_text()
    assert {name for name in commands() if f"manage.py {name}" not in text} == set()


def test_a_setting_that_nobody_named_is_noticed():
    assert SETTING.findall('env.str("A_NEW_ONE", "")') == ["A_NEW_ONE"]
    assert "A_NEW_ONE" not in settings_named()
