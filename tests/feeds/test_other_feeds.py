"""Top, of a tag, of a challenge, of a mood."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from feeds import logbook
from feeds.models import MostMade, PostTopic, ServedPage
from feeds.order import most_made, pipeline, sources
from feeds.steering import vocabulary
from ranking.steering.effects import bits_of
from remix import derivations
from sora_social.accounts import ties
from sora_social.challenges.models import Challenge
from sora_social.core import bus
from sora_social.posts import posting, reactions
from sora_social.posts.models import Post
from sora_social.studio.templates import authoring
from sora_social.studio.templates.recipes import credit_of
from tests import cast
from tests.feeds.test_pages import flat


def scroll(client, *, limit=3, **query):
    pages, cursor = [], ""
    while cursor is not None:
        answer = client.get("/v1/feed", {**query, "limit": limit, "cursor": cursor})
        assert answer.status_code == 200, answer.content
        body = answer.json()
        pages.append([item["post"]["id"] for item in body["items"]])
        cursor = body["next"]
    return pages


@pytest.fixture
def made(ada, bo, cy, settle):
    """Posts, and how many people made something of each."""
    people = [cast.person(f"maker{n}") for n in range(4)]
    posts = {}
    for makers in (0, 1, 2, 4):
        source = posts[makers] = cast.post(cast.person(f"author{makers}"))
        for maker in people[:makers]:
            cast.post(maker, sources=[source])
            cast.post(maker, sources=[source])  # a second one of a maker counts for nothing
        cast.post(source.author, sources=[source])  # nor does the author's own
    settle()
    most_made.count()
    return posts


def test_top_is_what_most_people_made_something_of(made, ada, api):
    page = api(ada).get("/v1/feed", {"feed": "top"}).json()
    assert [item["post"]["id"] for item in page["items"]] == [str(made[n].pk) for n in (4, 2, 1)]
    assert [item["why"][0]["text"] for item in page["items"]] == [
        "4 people made something of it this week",
        "2 people made something of it this week",
        "1 person made something of it this week",
    ]


def test_top_counts_a_week_and_only_what_others_may_come_across(made, ada, bo, cy, settle):
    hidden = cast.post(bo)
    cast.post(cy, sources=[hidden], visibility="private")
    cast.post(ada, sources=[hidden], visibility="unlisted")
    settle()
    most_made.count()
    assert sorted(most_made_of()) == sorted([(made[4].pk, 4), (made[2].pk, 2), (made[1].pk, 1)])
    posting.delete_post(made[2].author, made[2].pk)
    settle()
    most_made.count()
    assert sorted(most_made_of()) == sorted([(made[4].pk, 4), (made[1].pk, 1)])


def most_made_of():
    return list(MostMade.objects.filter(maker_count__gt=0).values_list("pk", "maker_count"))


def test_what_was_made_longer_ago_than_a_week_is_not_top(made, monkeypatch):
    monkeypatch.setattr(most_made, "MAKERS_WITHIN", timedelta(0))
    most_made.count()
    assert most_made_of() == []


def test_top_stays_as_it_was_for_a_scroll(made, ada, bo, api, settle):
    client = api(ada)
    first = client.get("/v1/feed", {"feed": "top", "limit": 1}).json()
    for n in range(5):
        cast.post(cast.person(f"late{n}"), sources=[made[1]])  # now it is the top
    settle()
    most_made.count()
    rest = client.get("/v1/feed", {"feed": "top", "limit": 5, "cursor": first["next"]}).json()
    assert [item["post"]["id"] for item in rest["items"]] == [str(made[n].pk) for n in (2, 1)]
    first = client.get("/v1/feed", {"feed": "top", "limit": 1}).json()
    assert first["items"][0]["post"]["id"] == str(made[4].pk)
    bus.client().flushdb()
    rest = client.get("/v1/feed", {"feed": "top", "limit": 5, "cursor": first["next"]}).json()
    assert [item["post"]["id"] for item in rest["items"]] == [str(made[n].pk) for n in (1, 2)]


def test_a_tag_has_its_posts_newest_first(ada, bo, cy, mallory, api):
    posts = [cast.post(author, caption=f"{n} #Boats #b{n}") for n, author in enumerate((bo, cy, bo, mallory, cy))]
    cast.post(bo, caption="#boat")
    cast.post(bo, caption="#boats", visibility="private")
    ties.block(mallory, "ada")
    expected = [str(post.pk) for post in reversed(posts) if post.author_id != mallory.pk]
    for spelt in ("boats", "BOATS", "#boats"):
        assert flat(scroll(api(ada), feed="tag", tag=spelt)) == expected
    assert flat(scroll(api(ada), feed="tag", tag="nobody")) == []


def test_a_challenge_has_its_entries_newest_first(ada, bo, cy, api, mod):
    now = timezone.now()
    theme = {"starts_at": now - timedelta(days=1), "ends_at": now + timedelta(days=1), "created_by": mod}
    one, other = (Challenge.objects.create(title=title, **theme) for title in ("boats", "trees"))
    posts = [cast.post(author) for author in (bo, cy, bo, cy)]
    Post.objects.filter(pk__in=[post.pk for post in posts[:3]]).update(challenge=one)
    Post.objects.filter(pk=posts[3].pk).update(challenge=other)
    found = scroll(api(ada), feed="challenge", challenge=str(one.pk), limit=2)
    assert found == [[str(posts[2].pk), str(posts[1].pk)], [str(posts[0].pk)]]
    Challenge.objects.filter(pk=one.pk).update(is_listed=False)
    gone = api(ada).get("/v1/feed", {"feed": "challenge", "challenge": str(one.pk)})
    assert (gone.status_code, gone.json()["code"]) == (404, "not_found")


def test_a_template_has_what_was_made_with_it_newest_first(ada, bo, cy, mallory, api):
    made = cast.template(ada)
    words = {"sources": [made.post], "kind": "template", "template": credit_of(made.recipe)}
    posts = [cast.post(author, **words) for author in (bo, cy, mallory, bo, cy)]
    cast.post(bo, sources=[made.post])
    derivations.decide(ada, made.post_id, posts[1].pk, hidden=True)
    ties.block(mallory, "cy")
    authoring.withdraw_template(ada, made.pk)
    another = cast.template(ada, of=made.post)
    found = scroll(api(cy), feed="template", template=str(made.pk), limit=2)
    assert found == [[str(posts[4].pk), str(posts[3].pk)], [str(posts[0].pk)]]
    assert flat(scroll(api(cy), feed="template", template=str(another.pk))) == []
    page = api(cy).get("/v1/feed", {"feed": "template", "template": str(made.pk)}).json()
    assert {item["why"][0]["code"] for item in page["items"]} == {"template"}


def test_a_template_that_one_may_not_see_has_no_feed_also_in_the_middle(ada, bo, mallory, api):
    made = cast.template(ada)
    for _ in range(3):
        cast.post(bo, sources=[made.post], kind="template", template=credit_of(made.recipe))
    query = {"feed": "template", "template": str(made.pk), "limit": 1}
    cursor = api(mallory).get("/v1/feed", query).json()["next"]
    ties.block(ada, "mallory")
    for words in (query, {**query, "cursor": cursor}, {**query, "template": "1"}):
        answer = api(mallory).get("/v1/feed", words)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert api(bo).get("/v1/feed", query).status_code == 200


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"feed": "template"}, "template"),
        ({"feed": "tag"}, "tag"),
        ({"feed": "tag", "tag": ""}, "tag"),
        ({"feed": "challenge"}, "challenge"),
        ({"feed": "challenge", "challenge": "x"}, "challenge"),
        ({"feed": "latest", "tag": "boats"}, "tag"),
        ({"tag": "boats"}, "tag"),
        ({"feed": "tag", "tag": "boats", "challenge": "1"}, "challenge"),
        ({"personalised": "perhaps"}, "personalised"),
        ({"feed": "best"}, "feed"),
    ],
)
def test_a_feed_that_is_of_nothing_or_of_too_much_is_refused_at_the_field(query, field, ada, api):
    answer = api(ada).get("/v1/feed", query)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert list(answer.json()["errors"]) == [field]


def test_a_cursor_is_of_one_tag(ada, bo, api):
    for n in range(4):
        cast.post(bo, caption=f"#boats #trees {n}")
    cursor = api(ada).get("/v1/feed", {"feed": "tag", "tag": "boats", "limit": 2}).json()["next"]
    assert api(ada).get("/v1/feed", {"feed": "tag", "tag": "trees", "cursor": cursor}).status_code == 422
    assert api(ada).get("/v1/feed", {"feed": "tag", "tag": "boats", "cursor": cursor}).status_code == 200


# moods


@pytest.fixture
def of_moods(ada, bo, cy, mallory, settle):
    """Posts of a mood's topics by three people, and of another topic that it has nothing of."""
    words = vocabulary.current()
    mood = next(mood for mood in words.moods if 1 < len(mood.topics) < 12)
    inside = bits_of(words, words.topics_of_mood(mood.code))
    outside = [topic.bit for topic in words.topics if topic.bit not in inside]
    authors = (bo, cy, mallory)
    posts = [(cast.post(authors[n % 3]), inside[n % len(inside)], 0.9) for n in range(9)]
    posts += [(cast.post(authors[n % 3]), outside[0], 0.9) for n in range(9)]
    posts += [(cast.post(bo), inside[0], 0.3)]
    settle()
    PostTopic.objects.all().delete()
    PostTopic.objects.bulk_create(PostTopic(post=post, topic=bit, confidence=sure) for post, bit, sure in posts)
    return mood.code, {str(post.pk) for post, bit, sure in posts if bit in inside and sure > 0.5}


@pytest.mark.parametrize("personalised", ["true", "false"])
def test_a_mood_has_posts_of_its_topics_alone(personalised, of_moods, ada, api):
    mood, expected = of_moods
    shown = flat(scroll(api(ada), feed="mood", mood=mood, personalised=personalised))
    assert len(shown) == len(set(shown))
    assert set(shown) == expected


def test_a_mood_is_ordered_for_the_viewer_or_for_all(of_moods, ada, bo, cy, api, settle):
    mood, _ = of_moods
    ties.follow(ada, "bo"), ties.follow(bo, "ada")
    api(ada).get("/v1/feed", {"feed": "mood", "mood": mood, "limit": 20})
    logbook.flush()
    assert not ServedPage.objects.get(viewer=ada, feed="mood").model.startswith("all ")
    for person in (ada, cy):
        alls = scroll(api(person), feed="mood", mood=mood, personalised="false", limit=20)
        assert alls == scroll(api(bo), feed="mood", mood=mood, personalised="false", limit=20)
    cursor = api(ada).get("/v1/feed", {"feed": "mood", "mood": mood, "limit": 2}).json()["next"]
    assert api(ada).get("/v1/feed", {"cursor": cursor}).status_code == 422


def test_moods_are_told_and_others_refused(ada, api):
    moods = api(None).get("/v1/config").json()["moods"]
    assert len(moods) > 3
    for mood in moods:
        assert api(ada).get("/v1/feed", {"feed": "mood", "mood": mood}).status_code == 200
    for query in ({"mood": "grumpy"}, {}, {"mood": "no mood"}):
        refused = api(ada).get("/v1/feed", {"feed": "mood", **query})
        assert (refused.status_code, list(refused.json()["errors"])) == (422, ["mood"])


def test_the_topics_that_i_lean_to_propose_posts(of_moods, ada, bo):
    _, expected = of_moods
    liked = Post.objects.get(pk=min(expected))
    reactions.like(ada, liked.pk)
    topic = PostTopic.objects.get(post=liked).topic
    alike = PostTopic.objects.filter(topic=topic, confidence__gte=0.5).values_list("post_id", flat=True)
    (source,) = (source for source in sources.FOR_ONE if source.name == "topics")
    query = pipeline.ask(ada, order_id=1, began=1)
    assert set(sources.propose(query, [source]).ids) == set(alike)
    off = replace(query, preferences=replace(query.preferences, signals=frozenset({"topics"})))
    assert list(sources.propose(off, [source]).ids) == []
