"""Imports and foreign keys point down, and every package has its place."""

import tomllib
from pathlib import Path

import pytest
from django.apps import apps

ROOT = Path(__file__).resolve().parents[2]
CONTRACT = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
LAYERS = [{name.strip() for name in layer.split("|")} for layer in CONTRACT["contracts"][0]["layers"]]
NOT_ROOMS = {"tests", "docs", "build"}


def packages() -> set[str]:
    """The rooms: every package right under the root, and every one right under the project."""
    tops = {path.parent for path in ROOT.glob("*/__init__.py")} - {ROOT / name for name in NOT_ROOMS}
    rooms = {f"sora_social.{path.parent.name}" for path in (ROOT / "sora_social").glob("*/__init__.py")}
    return {path.name for path in tops if path.name != "sora_social"} | rooms


def level(package: str) -> int:
    """0 is the top."""
    return next(number for number, layer in enumerate(LAYERS) if package in layer)


def room_of(model) -> str:
    parts = model.__module__.split(".")
    return ".".join(parts[:2]) if parts[0] == "sora_social" else parts[0]


def points_up(source, target) -> bool:
    """Whether a foreign key from one model to another goes against the arrows."""
    ours = {room_of(source), room_of(target)} <= packages()
    return ours and room_of(source) != room_of(target) and level(room_of(source)) >= level(room_of(target))


def test_every_package_is_in_the_layers():
    listed = set().union(*LAYERS)
    assert packages() <= listed
    assert {name.split(".")[0] for name in packages()} | {"sora_social"} == set(CONTRACT["root_packages"])


def test_every_layer_is_there():
    for name in set().union(*LAYERS):
        path = ROOT / name.replace(".", "/")
        assert path.is_dir() or path.with_suffix(".py").is_file(), name


def relations():
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if field.is_relation and field.concrete and field.related_model and room_of(model) in packages():
                yield model, field.related_model


def test_foreign_keys_follow_the_arrows():
    found = list(relations())
    assert len(found) > 20
    assert [(str(one), str(other)) for one, other in found if points_up(one, other)] == []


@pytest.mark.parametrize(("source", "target"), [("accounts.User", "posts.Post"), ("posts.Post", "remix.Edge")])
def test_a_foreign_key_that_points_up_is_noticed(source, target):
    assert points_up(apps.get_model(source), apps.get_model(target))
    assert not points_up(apps.get_model(target), apps.get_model(source))
