"""Doors hold no query and no rule: views, consumers, shapes, tasks and admin only know their protocol."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("sora_social", "remix", "ranking", "feeds", "cameos")
DOORS = ("views", "consumers", "wire", "tasks", "admin")
QUERIES = {
    *("objects", "_default_manager", "filter", "exclude", "annotate", "aggregate", "in_bulk", "values", "values_list"),
    *("select_for_update", "select_related", "prefetch_related", "get_or_create", "update_or_create", "bulk_create"),
    *("bulk_update", "save", "refresh_from_db", "cursor", "raw", "atomic", "on_commit"),
}
QUEUEING = {"delay", "apply_async", "send_task"}
# the three places that speak to the broker; each may lose its message without harm
MAY_QUEUE = {"sora_social/core/outbox.py", "sora_social/studio/generating.py", "cameos/enrolling.py"}


def sources() -> Iterator[Path]:
    for package in PRODUCT:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def is_door(path: Path) -> bool:
    return path.stem in DOORS or any(path.stem.endswith(f"_{door}") for door in DOORS)


def attributes(code: str, forbidden: set[str]) -> list[str]:
    """`name:line` of each use of a forbidden attribute; `reactions.save(…)`, an activity of that name, is none."""
    tree = ast.parse(code)
    return [
        f"{node.attr}:{node.lineno}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in forbidden and not is_activity(node.value, tree)
    ]


def is_activity(value: ast.expr, tree: ast.Module) -> bool:
    """Whether this is a module of ours that the file imports."""
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom) and str(node.module).startswith(PRODUCT)]
    modules = {alias.name for node in imports for alias in node.names if alias.name.islower()}
    return isinstance(value, ast.Name) and value.id in modules


def catches(code: str) -> list[int]:
    return [node.lineno for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Try)]


DOOR_FILES = [path for path in sources() if is_door(path)]


def test_there_are_doors():
    assert len(DOOR_FILES) > 15


@pytest.mark.parametrize("path", DOOR_FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_door_asks_the_database_nothing(path):
    assert attributes(path.read_text(), QUERIES) == []


@pytest.mark.parametrize(
    "path",
    [path for path in DOOR_FILES if path.stem.endswith(("views", "tasks"))],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_a_view_and_a_task_catch_nothing(path):
    assert catches(path.read_text()) == []


def test_only_three_places_speak_to_the_broker():
    found = {str(path.relative_to(ROOT)) for path in sources() if attributes(path.read_text(), QUEUEING)}
    assert found == MAY_QUEUE


@pytest.mark.parametrize(
    ("sample", "rule"),
    [
        ("def get(self, request): return Post.objects.all()", QUERIES),
        ("def get(self, request): request.user.save()", QUERIES),
        ("def get(self, request): rows.filter(id=1)", QUERIES),
        ("def post(self, request): render.delay(1)", QUEUEING),
        ("def post(self, request): render.apply_async([1])", QUEUEING),
    ],
)
def test_a_door_that_does_too_much_is_noticed(sample, rule):
    assert attributes(sample, rule)


def test_a_view_that_catches_is_noticed():
    assert catches("def get(self):\n    try:\n        pass\n    except KeyError:\n        pass") == [2]
