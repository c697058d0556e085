"""What posts are found to be about: once, from words that readers can read; and the operator's vocabulary."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from feeds.models import PostTopic, Topic
from feeds.order import features
from feeds.steering import instructions, interests, preferences, topics, vocabulary
from ranking.features import COLUMN
from ranking.topics.vocabulary import BUILT_IN
from sora_social.posts import posting, reactions
from sora_social.posts.events import PostPublished
from tests import cast

BIT = {code: topic.bit for code, topic in BUILT_IN.by_code.items()}


def topics_of(post):
    """The topics that a post is of, by their codes."""
    found = PostTopic.objects.filter(post=post, confidence__gte=0.5).values_list("topic", flat=True)
    return {BUILT_IN.by_bit[bit].code for bit in found}


def post_of(author, **words):
    """A post with no words but these."""
    return cast.post(author, **{"prompt": "", **words})


@pytest.mark.parametrize(
    ("caption", "prompt", "found"),
    [
        ("three cats in a warm kitchen", "", {"cats", "cooking"}),
        ("", "雨夜城市里的一只猫", {"rain", "city", "cats"}),
        ("look at this #Robots #sunset", "", {"robots", "sunsets"}),
        ("wait for it", "", set()),
        ("@cat and @fox", "", set()),
    ],
)
def test_a_post_is_classified_by_its_words_in_either_language(caption, prompt, found, ada, settle):
    post = post_of(ada, caption=caption, prompt=prompt)
    settle()
    assert topics_of(post) == found


@pytest.mark.parametrize("visibility", ["private", "remixers"])
def test_a_prompt_that_not_everybody_may_read_lends_no_topic(visibility, ada, settle):
    post = post_of(ada, caption="#robots", prompt="three cats", prompt_visibility=visibility)
    settle()
    assert topics_of(post) == {"robots"}
    assert not PostTopic.objects.filter(post=post, topic=BIT["cats"]).exists()


def test_a_remix_is_mostly_about_what_its_source_is_and_a_private_source_tells_nothing(ada, bo, settle):
    public = post_of(bo, caption="three cats")
    private = post_of(bo, caption="dinosaurs", visibility="private")
    settle()
    remix = post_of(ada, caption="now with snow", sources=[public])
    settle()
    again = post_of(ada, caption="once more", sources=[remix])
    hidden = post_of(bo, caption="guess", sources=[private])
    settle()
    assert topics_of(remix) == {"snow", "cats"}
    assert topics_of(again) == {"snow"}
    assert PostTopic.objects.get(post=again, topic=BIT["cats"]).confidence == pytest.approx(0.88 * 0.7 * 0.7)
    assert topics_of(hidden) == set()


def test_a_post_is_classified_once(ada, settle):
    post = post_of(ada, caption="three cats")
    settle()
    posting.edit_post(ada, post.pk, caption="robots")
    topics.classify(PostPublished(post_id=post.pk))
    settle()
    assert topics_of(post) == {"cats"}


def test_what_was_posted_before_is_classified_by_the_command(ada, settle):
    old, known = post_of(ada, caption="三只鸟"), post_of(ada, caption="robots")
    settle()
    PostTopic.objects.filter(post=old).delete()
    PostTopic.objects.filter(post=known).update(confidence=0.6)
    out = StringIO()
    call_command("classify_posts", stdout=out)
    assert "2 posts looked at" in out.getvalue()
    assert topics_of(old) == {"birds"}
    assert PostTopic.objects.get(post=known).confidence == 0.6
    call_command("classify_posts", "--again", stdout=out)
    assert PostTopic.objects.get(post=known).confidence == pytest.approx(0.88)


def test_an_operators_topic_is_found_from_the_next_post_on(ada, settle):
    before = post_of(ada, caption="a stalactite")
    settle()
    with transaction.atomic():
        vocabulary.add_topic(
            "caves",
            {
                "name_en": "caves",
                "name_zh": "洞穴",
                "words_en": "stalactite, cave",
                "words_zh": "钟乳石",
                "part_of": "",
                "is_sensitive": False,
                "is_active": True,
            },
        )
    after = post_of(ada, caption="a stalactite")
    settle()
    assert topics_of(before) == set()
    row = PostTopic.objects.get(post=after)
    assert row.topic == len(BUILT_IN.topics)
    assert [rule.rule.target.name for rule in instructions.say(ada, text="more stalactites").rules] == ["caves"]


@pytest.mark.django_db
def test_the_built_in_words_are_written_down_once_and_an_operators_stay():
    def stock():
        out = StringIO()
        call_command("stock_topics", stdout=out)
        return out.getvalue()

    assert stock() == f"{len(BUILT_IN.topics)} new topics\n"
    Topic.objects.filter(code="cats").update(words_en="moggy", version=2)
    assert stock() == "0 new topics\n"
    assert Topic.objects.get(code="cats").words_en == "moggy"
    assert vocabulary.current().named("moggies").topics == ("cats",)
    assert vocabulary.current().named("kitten") is None


@pytest.mark.django_db
def test_written_down_unchanged_the_vocabulary_is_the_same():
    assert vocabulary.current() is BUILT_IN
    vocabulary.stock()
    assert vocabulary.current().version == BUILT_IN.version


@pytest.mark.django_db
def test_a_topic_that_is_switched_off_is_heard_no_more_and_its_bit_goes_to_nobody_else():
    vocabulary.stock()
    row = Topic.objects.get(code="disasters")
    words = {
        "name_en": row.name_en, "name_zh": row.name_zh, "words_en": row.words_en, "words_zh": row.words_zh,
        "part_of": "", "is_sensitive": True, "is_active": False,
    }  # fmt: skip
    vocabulary.change_topic(row.pk, words)
    assert "disasters" not in vocabulary.current().by_code
    made = vocabulary.add_topic("caves", {**words, "name_en": "caves", "name_zh": "洞穴", "is_active": True})
    assert made.bit > row.bit


@pytest.mark.django_db
@pytest.mark.parametrize(("bit", "code"), [(64, "sixty_five"), (0, "twice"), (3, "Not A Code")])
def test_the_database_keeps_bits_and_codes(bit, code):
    vocabulary.stock()
    with pytest.raises(IntegrityError), transaction.atomic():
        Topic.objects.create(bit=bit, code=code, name_en="x", name_zh="x")


def affinity(viewer, *posts):
    candidates = features.features_of(viewer, [post.pk for post in posts], preferences.of(viewer))
    by_id = dict(
        zip(candidates.post_id.tolist(), candidates.features[:, COLUMN["topic_affinity"]].tolist(), strict=True)
    )
    return [by_id[post.pk] for post in posts]


def test_a_viewer_leans_to_what_they_like_and_more_to_what_they_make(ada, bo, settle):
    cats, robots, trains = (post_of(bo, caption=word) for word in ("cats", "robots", "trains"))
    settle()
    assert affinity(ada, cats, robots, trains) == [0, 0, 0]
    reactions.like(ada, cats.pk)
    liked = affinity(ada, cats, robots, trains)
    assert liked[1:] == [0, 0]
    assert 0 < liked[0] < 0.5
    post_of(ada, caption="my robots")
    settle()
    by_cats, by_robots, by_trains = affinity(ada, cats, robots, trains)
    assert by_robots > by_cats > by_trains == 0


def test_interests_lend_a_leaning_before_anything_is_known(ada, bo, settle):
    cats, robots, trains = (post_of(bo, caption=word) for word in ("cats", "robots", "trains"))
    settle()
    interests.choose(ada, ["cats"])
    interests.bring(ada, ["robots"])
    chosen, brought, neither = affinity(ada, cats, robots, trains)
    assert chosen > brought > neither == 0


@pytest.mark.parametrize(
    ("off", "left"),
    [("likes", {"robots", "trains"}), ("creations", {"cats", "trains"}), ("interests", {"cats", "robots"}),
     ("topics", {"trains"})],
)  # fmt: skip
def test_a_signal_that_is_switched_off_lends_nothing(off, left, ada, bo, settle):
    posts = {word: post_of(bo, caption=word) for word in ("cats", "robots", "trains")}
    post_of(ada, caption="my robots")
    settle()
    reactions.like(ada, posts["cats"].pk)
    interests.choose(ada, ["trains"])
    assert all(affinity(ada, *posts.values()))
    preferences.change(ada, **{off: False})
    leanings = dict(zip(posts, affinity(ada, *posts.values()), strict=True))
    assert {word for word, leaning in leanings.items() if leaning} == left


def test_candidates_carry_their_topics_as_bits(ada, bo, settle):
    post, plain = post_of(bo, caption="three cats in the rain"), post_of(bo, caption="wait")
    high = post_of(bo, caption="hm")
    settle()
    PostTopic.objects.create(post=high, topic=63, confidence=0.9)
    PostTopic.objects.create(post=plain, topic=5, confidence=0.49)
    candidates = features.features_of(ada, [post.pk, plain.pk, high.pk])
    bits = dict(zip(candidates.post_id.tolist(), candidates.topics.tolist(), strict=True))
    assert bits == {post.pk: 1 << BIT["cats"] | 1 << BIT["rain"], plain.pk: 0, high.pk: 1 << 63}


@pytest.mark.django_db
def test_the_vocabulary_costs_one_statement_and_is_read_again_when_a_row_changes(django_assert_num_queries):
    vocabulary.stock()
    vocabulary.current()
    with django_assert_num_queries(1):
        known = vocabulary.current()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE feeds_topic SET name_en = 'felines', version = version + 1 WHERE code = 'cats'")
    assert vocabulary.current().by_code["cats"].name_en == "felines" != known.by_code["cats"].name_en
