"""What the ranker is told of a post: every number is there, is right, and is logged as it was."""

from datetime import timedelta

import pytest
from django.utils import timezone

from cameos import consent
from feeds import logbook
from feeds.models import AuthorPulse, Exposure, Interest, PostTopic, ServedPage
from feeds.order import features
from feeds.steering.preferences import EVERYTHING_ALLOWED, SIGNALS, Preferences
from ranking.features import COUNTS, FEATURES, FLAGS, LAYOUT, TIE_COUNTS, TIE_FLAGS, unpacked
from remix.lineage import Source
from sora_social.accounts import ties
from sora_social.accounts.models import User
from sora_social.posts import reactions
from sora_social.posts.comments import commenting
from sora_social.posts.models import Post
from sora_social.studio import publishing
from tests import cast


def told(viewer, post, allowed=EVERYTHING_ALLOWED):
    """What the ranker is told of one post, by name."""
    found = features.features_of(viewer, [post.pk], allowed)
    return dict(zip(FEATURES, found.features[0].tolist(), strict=True))


def publish(owner, job):
    words = {"caption": "", "visibility": "public", "remix_policy": "everyone", "prompt_visibility": "public"}
    return publishing.publish_draft(owner, job.drafts.get().pk, **words)


@pytest.fixture
def full(ada, bo, cy, settle):
    """A post by bo of which everything can be said that ada may be told."""
    ties.follow(ada, "bo")
    ties.follow(bo, "ada")
    face = cast.approved(ada, audience="approved")
    his = cast.approved(bo, audience="approved")
    consent.grant(bo, his.pk, handle="ada")
    consent.grant(ada, face.pk, handle="bo")
    settle()
    mine = publish(ada, cast.finished_job(ada, prompt="a lighthouse in the fog"))
    job = cast.finished_job(bo, prompt="boats at night", cast=[str(face.pk)], sources=[Source(mine.pk, "remix")])
    post = publish(bo, job)
    Post.objects.filter(pk=post.pk).update(
        caption="#fog", shown_at=timezone.now() - timedelta(hours=2), save_count=3, like_count=4, comment_count=5
    )
    post.clip.captions_key = "clips/x.vtt"
    post.clip.save(update_fields=["captions_key"])
    earlier = cast.post(bo, caption="#fog")
    reactions.like(ada, earlier.pk)
    commenting.say(ada, earlier.pk, text="how?")
    publish(ada, cast.finished_job(ada, sources=[Source(earlier.pk, "remix")]))
    cast.post(cy, sources=[post])
    settle()
    Post.objects.filter(pk=post.pk).update(like_count=4)
    counts = {
        name: 20 + n for n, name in enumerate(COUNTS) if name not in {"comment_count", "share_count", "like_count"}
    }
    counts |= {"impression_count": 900, "open_count": 300, "submit_count": 90, "cast_submit_count": 80}
    counts |= {"prompt_submit_count": 70, "descent_count": 6, "descent_log_sum": 2.5}
    Exposure.objects.filter(pk=post.pk).update(**counts)
    AuthorPulse.objects.update_or_create(
        author=bo, defaults={"feedback_count_24h": 7, "impression_count": 5_000, "publish_count": 44}
    )
    User.objects.filter(pk=bo.pk).update(follower_count=11)
    PostTopic.objects.all().delete()  # whatever the classifier found
    PostTopic.objects.bulk_create(PostTopic(post=of_fog, topic=63, confidence=1.0) for of_fog in (post, earlier))
    return post


def test_every_feature_is_filled_and_true(full, ada):
    now = told(ada, full)
    hour = now.pop("hour")
    assert abs((timezone.now().hour + timezone.now().minute / 60 - hour + 12) % 24 - 12) < 0.1
    assert now.pop("age_seconds") == pytest.approx(7200, abs=30)
    assert now.pop("topic_affinity") == pytest.approx(1 / 3)
    assert now == {
        "impression_count": 900,
        "open_count": 300,
        "submit_count": 90,
        "publish_count": 23,
        "cast_submit_count": 80,
        "cast_publish_count": 25,
        "prompt_submit_count": 70,
        "prompt_publish_count": 27,
        "comment_count": 5,
        "share_count": 3,
        "follow_count": 30,
        "like_count": 4,
        "long_view_count": 32,
        "see_less_count": 33,
        "report_count": 34,
        "maker_count": 1,
        "remixer_count": 1,
        "people_count": 1,
        "descent_log_sum": 2.5,
        "descent_count": 6,
        "depth": 1,
        "author_feedback_count_24h": 7,
        "author_follower_count": 11,
        "author_impression_count": 5_000,
        "author_publish_count": 44,
        "author_has_feedback": 1,
        "cast_count": 1,
        "duration_seconds": 5,
        "has_captions": 1,
        "mutual": 1,
        "follows_author": 1,
        "cast_permission": 1,
        "past_remix_count": 1,
        "reply_count": 2,
        "liked_author_count": 1,
        "in_cast": 1,
        "in_my_lineage": 1,
        "cast_open": 0,
        "remix_closed": 0,
        "prompt_open": 1,
        "same_country": 1,
        "same_script": 1,
        "viewer_making_count": 2,
    }


def test_topics_are_bits_and_a_named_interest_leans_to_them(full, cy):
    assert features.features_of(cy, [full.pk]).topics.tolist() == [1 << 63]
    assert told(cy, full)["topic_affinity"] == 0
    Interest.objects.create(viewer=cy, topic=63, source="named")
    assert told(cy, full)["topic_affinity"] == pytest.approx(4 / 6)
    assert told(cy, full, Preferences(True, SIGNALS - {"interests"}))["topic_affinity"] == 0


def test_for_everybody_nothing_is_told_of_anybody(full):
    now = told(None, full)
    assert {
        name for name in (*TIE_FLAGS, *TIE_COUNTS, "in_cast", "same_country", "topic_affinity") if now[name]
    } == set()
    assert now["impression_count"] == 900


def test_a_stranger_is_told_of_the_post_and_of_no_tie(full, cy, mallory):
    now = told(mallory, full)
    ties_of = ("mutual", "follows_author", "cast_permission", "past_remix_count", "reply_count", "liked_author_count")
    mine = ("in_cast", "in_my_lineage", "topic_affinity", "viewer_making_count", "same_script")
    assert {name: now[name] for name in (*ties_of, *mine)} == dict.fromkeys((*ties_of, *mine), 0)
    assert now["impression_count"] == 900
    assert told(cy, full)["in_my_lineage"] == 1  # who remixed it


@pytest.mark.parametrize(("audience", "is_open"), [("everyone", 1), ("only_me", 0), ("approved", 0), ("mutuals", 0)])
def test_whether_somebody_in_it_may_be_cast(audience, is_open, ada, bo, cy, settle):
    face = cast.approved(bo, audience=audience)
    post = publish(bo, cast.finished_job(bo, cast=[str(face.pk)]))
    assert told(ada, post)["cast_open"] == is_open
    ties.follow(ada, "bo")
    ties.follow(bo, "ada")
    assert told(ada, post)["cast_open"] == (1 if audience == "mutuals" else is_open)
    if audience == "approved":
        consent.grant(bo, face.pk, handle="ada")
        assert told(ada, post)["cast_open"] == 1


@pytest.mark.parametrize(
    ("remix_policy", "prompt_visibility", "to_stranger", "to_friend"),
    [
        ("everyone", "public", (0, 1), (0, 1)),
        ("everyone", "remixers", (0, 1), (0, 1)),
        ("mutuals", "remixers", (1, 0), (0, 1)),
        ("nobody", "public", (1, 1), (1, 1)),
        ("nobody", "private", (1, 0), (1, 0)),
    ],
)
def test_who_may_remix_it_and_read_its_prompt(remix_policy, prompt_visibility, to_stranger, to_friend, ada, bo, cy):
    ties.follow(ada, "bo")
    ties.follow(bo, "ada")
    post = cast.post(bo, remix_policy=remix_policy, prompt_visibility=prompt_visibility)
    for viewer, expected in ((cy, to_stranger), (ada, to_friend)):
        now = told(viewer, post)
        assert (now["remix_closed"], now["prompt_open"]) == expected


def test_the_script_of_a_post_is_compared_with_ones_own(ada, bo):
    cast.post(ada, prompt="雨中的城市，慢镜头")
    assert told(ada, cast.post(bo, prompt="一只猫在屋顶上看月亮"))["same_script"] == 1
    assert told(ada, cast.post(bo, prompt="a cat on the roof"))["same_script"] == 0
    assert told(bo, cast.post(ada, prompt="a café"))["same_script"] == 1


SWITCHES = {
    "follows": {"mutual", "follows_author"},
    "likes": {"liked_author_count", "topic_affinity"},
    "creations": {"past_remix_count", "in_my_lineage", "viewer_making_count", "same_script"},
    "comments": {"reply_count"},
    "topics": {"topic_affinity"},
    "cast": {"cast_permission", "in_cast"},
    "location": {"same_country"},
    "watching": set(),
    "interests": set(),
}


@pytest.mark.parametrize("signal", sorted(SIGNALS))
def test_a_signal_that_is_switched_off_says_nothing(signal, full, ada):
    on, off = told(ada, full), told(ada, full, Preferences(personalised=True, signals=SIGNALS - {signal}))
    for name in ("hour", "age_seconds"):
        assert abs(on.pop(name) - off.pop(name)) < 60
    assert {name for name in on if on[name] != off[name]} == SWITCHES[signal]
    assert all(off[name] == 0 for name in SWITCHES[signal])


def test_what_is_forgotten_is_as_if_it_had_not_happened(full, ada):
    now = told(ada, full, Preferences(personalised=True, signals=SIGNALS, forget_before=2**62))
    gone = ("liked_author_count", "topic_affinity", "past_remix_count", "reply_count", "in_my_lineage")
    assert {name: now[name] for name in gone} == dict.fromkeys(gone, 0)
    assert now["mutual"] == 1  # a tie stands


def test_counts_that_are_below_zero_for_a_moment_are_none(ada, bo):
    post = cast.post(bo)
    Post.objects.filter(pk=post.pk).update(like_count=-1)
    assert told(ada, post)["like_count"] == 0


def test_a_parent_is_never_less_than_its_child(ada, bo, settle):
    post = cast.post(bo)
    settle()
    Exposure.objects.filter(pk=post.pk).update(prompt_publish_count=9, report_count=4)
    now = told(ada, post)
    assert now["prompt_submit_count"] == now["open_count"] == now["impression_count"] == 9


def test_flags_are_flags(full, ada):
    now = told(ada, full)
    assert {now[flag] for flag in FLAGS} <= {0.0, 1.0}


def test_nobody_to_tell_of_is_no_error(ada):
    assert len(features.features_of(ada, [])) == 0


# the log


def test_what_is_logged_is_bit_for_bit_what_was_ranked(full, ada, cy, api, settle, monkeypatch):
    for n in range(25):
        cast.post(cy, caption=f"#tag{n}")
    settle()
    ranked = []
    real = features.features_of
    monkeypatch.setattr(features, "features_of", lambda *args: ranked.append(real(*args)) or ranked[-1])
    first = api(ada).get("/v1/feed", {"limit": 5}).json()
    api(ada).get("/v1/feed", {"limit": 20, "cursor": first["next"]})
    logbook.flush()
    (candidates,) = ranked
    rows = {post_id: row for row, post_id in enumerate(candidates.post_id.tolist())}
    logged = 0
    for page in ServedPage.objects.filter(viewer=ada).order_by("pk"):
        assert page.layout == LAYOUT
        numbers, topics = unpacked(bytes(page.features))
        assert len(numbers) == len(page.post_ids) == len(page.slots)
        for post_id, as_logged, bits in zip(page.post_ids, numbers, topics, strict=True):
            assert as_logged.tobytes() == candidates.features[rows[post_id]].tobytes()
            assert bits == candidates.topics[rows[post_id]]
            logged += 1
    assert logged == 25


def test_feeds_that_nobody_ranked_log_no_features(full, ada, api):
    api(ada).get("/v1/feed", {"feed": "latest"})
    logbook.flush()
    page = ServedPage.objects.get()
    assert (page.features, page.layout) == (None, "")


def test_records_cut_short_are_refused():
    with pytest.raises(ValueError, match="buffer size"):
        unpacked(b"123")
