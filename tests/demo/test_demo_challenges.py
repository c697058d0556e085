"""The challenges of the demo world: two that are open, and one that is over, with what entered them."""

import pytest
from django.utils import timezone

from feeds.discovery import entries
from sora_social.challenges.models import Challenge
from sora_social.core import outbox
from sora_social.demo import seeding, world
from sora_social.moderation.models import AuditEntry
from sora_social.posts.models import Post
from tests.media.conftest import media_folder  # noqa: F401 - a storage of each test's own


def test_every_challenge_has_entries_by_several_people():
    for theme in world.THEMES:
        authors = {piece.author for piece in world.pieces() if piece.theme is theme}
        assert len(authors) >= 3, theme.title


@pytest.mark.usefixtures("committed", "media_folder")
def test_a_piece_enters_the_challenge_whose_tag_it_has(settings, api):
    settings.PREVIEW_SHORT_EDGE = 120
    seeding.seed_people()
    for _ in range(2):  # the second run does nothing
        seeding._announce_challenges()
    assert Challenge.objects.open_at(timezone.now()).count() == 3
    robots = world.THEMES[-1]
    piece = next(piece for piece in world.pieces() if piece.theme is robots and not piece.sources)
    seeding._make(piece, [])
    for _ in range(2):
        seeding._end_challenges()
    while outbox.relay():
        pass
    entries.count_stale()
    post = Post.objects.get()
    client = api(post.author)
    (past,) = client.get("/v1/challenges", {"state": "past"}).json()["items"]
    assert (past["title"], past["counts"], past["viewer"]["entry_ids"]) == (
        "Robots with jobs",
        {"entries": 1, "people": 1},
        [str(post.pk)],
    )
    assert len(client.get("/v1/challenges", {"state": "open"}).json()["items"]) == 2
    assert AuditEntry.objects.decisions().filter(subject_type="challenge").count() == 4
