"""What the people of the demo world say to each other keeps the rules of the rooms they say it in."""

import pytest

from sora_social.accounts.models import Follow, User
from sora_social.demo import seeding, world
from sora_social.posts.models import Comment
from sora_social.studio import publishing
from tests import cast

WORDS = {"caption": "", "visibility": "public", "remix_policy": "everyone", "prompt_visibility": "public"}


@pytest.mark.usefixtures("db")
def test_all_talk_and_strangers_stay_out_of_the_rooms_of_teens(settings):
    settings.CLIPS_PER_DAY = 1_000
    seeding.seed_people()
    pieces = list(world.pieces())
    posts = {}
    for piece in pieces:
        if (
            piece.author == "teen" or piece.number > len(pieces) - 10
        ):  # the last ones come after all that might go wrong
            author = User.objects.get(handle=piece.author)
            draft = cast.finished_job(author, prompt=piece.prompt, seed=piece.seed).drafts.get()
            posts[piece.number] = publishing.publish_draft(author, draft.pk, **WORDS)
    for _ in range(2):  # the second time nothing is said again
        seeding._talk(pieces)
        said = Comment.objects.filter(post__in=posts.values())
        assert said.count() == said.values("post", "author", "client_id").distinct().count() > 5
    teen = User.objects.get(handle="teen")
    guests = set(Comment.objects.filter(post__author=teen).exclude(author=teen).values_list("author", flat=True))
    assert guests <= set(Follow.objects.filter(follower=teen).values_list("followee", flat=True))
    assert said.exclude(post__author=teen).exists()
