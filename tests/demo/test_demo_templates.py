"""The templates of the demo world: a newcomer shoots the same."""

import pytest

from sora_social.demo import seeding, world
from sora_social.studio.templates.models import Template
from tests import cast
from tests.media.conftest import media_folder  # noqa: F401 - a storage of each test's own


def test_templates_are_of_pieces_that_come_of_nothing_else():
    pieces = list(world.pieces())
    assert [pieces[recipe.number].sources for recipe in world.RECIPES] == [(), ()]
    for recipe in world.RECIPES:
        told = recipe.prompt
        for slot in recipe.slots:
            told = told.replace(f"{{{slot.name}}}", slot.example)
        assert pieces[recipe.number].prompt.startswith(told)


@pytest.mark.usefixtures("committed", "media_folder")
def test_a_newcomer_uses_one(settings, api):
    settings.PREVIEW_SHORT_EDGE = 120
    seeding.seed_people()
    pieces = list(world.pieces())
    seeding._make(pieces[world.RECIPES[0].number], [])
    for _ in range(2):  # the second run does nothing
        seeding._make_templates(pieces)
    template = Template.objects.get()
    client = api(cast.person("newcomer"))
    (shown,) = client.get("/v1/templates").json()["items"]
    assert (shown["id"], shown["title"], shown["author"]["handle"]) == (str(template.pk), world.RECIPES[0].title, "ada")
    answer = client.post(f"/v1/templates/{template.pk}/use", {"slots": {"place": "a library at night"}})
    assert (answer.status_code, answer.json()["prompt"]) == (202, "a sleepy dragon running in a library at night")
