"""For You without personalisation: the same order for everybody in a region, and nothing of the viewer in it."""

import pytest

from feeds import logbook
from feeds.models import ServedPage
from feeds.order import pipeline, shared, sources
from feeds.order.trace import Outcome
from feeds.steering import preferences
from sora_social.accounts import ties
from sora_social.core import bus
from sora_social.posts import posting, reactions
from tests import cast
from tests.feeds.test_pages import flat


def scroll(client, *, limit=5, **query):
    pages_, cursor = [], ""
    while cursor is not None and len(pages_) < 60:
        query = {"personalised": "false", **query, "limit": limit, "cursor": cursor}
        body = client.get("/v1/feed", query).json()
        pages_.append([item["post"]["id"] for item in body["items"]])
        cursor = body["next"]
    return pages_


@pytest.fixture
def world(ada, bo, cy, settle):
    posts = [cast.post(author, caption=f"#t{n % 3}") for n in range(9) for author in (bo, cy, cast.person(f"p{n}"))]
    settle()
    return posts


def test_everybody_gets_the_same_order(world, ada, bo, mallory, api, settle):
    ties.follow(ada, "bo"), ties.follow(bo, "ada")
    for post in world[:6]:
        reactions.like(ada, post.pk)
    cast.post(ada, sources=[world[3]])
    settle()
    orders = [flat(scroll(api(person))) for person in (ada, bo, mallory)]
    assert orders[0] == orders[1] == orders[2]
    assert len(orders[0]) == len(set(orders[0])) == len(world) + 1


def test_nothing_that_a_viewer_does_changes_it(world, ada, bo, api, settle):
    """Made anew after each act, from the same evidence of the posts themselves."""

    def order():
        made = pipeline.make(pipeline.ask_for_all("NL", order_id=1, seed=99))
        return [place.post_id for place in made.places]

    before = order()
    assert len(before) == len(world)
    client = api(ada)
    ties.follow(ada, "bo"), ties.follow(bo, "ada"), ties.mute(ada, "cy")
    for _ in range(3):
        client.get("/v1/feed", {"limit": 10, "feed": "latest"})  # seen: it is asked for again all the same
    reactions.save(ada, world[0].pk)
    face = cast.cameo(bo, audience="everyone")
    cast.finished_job(ada, prompt="@bo walks", cast=[str(face.pk)])
    assert order() == before


def test_its_sources_and_features_know_no_viewer(world, ada, bo, settle):
    ties.follow(ada, "bo"), ties.follow(bo, "ada")
    for post in world:
        reactions.like(ada, post.pk)
    settle()
    order = pipeline.make(pipeline.ask_for_all("NL", order_id=1, seed=99))
    assert {note.name for note in order.proposed.notes} == {"region", "creation_rate", "exploration", "fresh"}
    assert {note.outcome for note in order.proposed.notes} == {Outcome.ASKED}
    (ranking, _) = order.rankings
    candidates = ranking._ordered
    for name in ("mutual", "follows_author", "topic_affinity", "past_remix_count", "reply_count", "cast_permission"):
        assert not candidates[name].any(), name


def test_only_policy_is_the_viewers_own(world, ada, bo, cy, mallory, api):
    everybodys = flat(scroll(api(mallory)))
    ties.block(bo, "ada")
    ties.mute(ada, "cy")
    hidden = {str(post.pk) for post in world if post.author_id in (bo.pk, cy.pk)}
    assert flat(scroll(api(ada))) == [post_id for post_id in everybodys if post_id not in hidden]


def test_who_comes_from_elsewhere_gets_another_order(ada, bo, cy, api, settings, settle):
    settings.COUNTRY_HEADER = "X-Country"
    cy.country = "FR"
    cy.save(update_fields=["country"])
    for _ in range(3):
        cast.post(cy)
    settle()
    query = pipeline.ask_for_all("FR", order_id=1, seed=1)
    (region,) = (source for source in sources.FOR_ALL if source.name == "region")
    assert len(sources.propose(query, [region]).ids) == 3
    assert not sources.propose(pipeline.ask_for_all("NL", order_id=1, seed=1), [region]).ids
    for country in ("NL", "FR"):
        api(ada).get("/v1/feed", {"personalised": "false"}, headers={"X-Country": country})
    names = {key.decode().split(":")[2] for key in bus.client().scan_iter("feed:all:*:present")}
    assert names == {"for_you NL", "for_you FR"}
    assert all(bus.client().ttl(key) > 0 for key in bus.client().scan_iter("feed:all:*"))


def test_teens_are_never_personalised(world, teen, ada, api, settle):
    assert flat(scroll(api(teen), personalised="true")) == flat(scroll(api(ada)))
    again = api(teen).get("/v1/feed", {"limit": 5}).json()
    assert [item["post"]["id"] for item in again["items"]] == scroll(api(ada))[0]


def test_a_scroll_goes_on_as_it_began_and_switching_off_acts_at_the_next_page(world, ada, api, monkeypatch):
    client = api(ada)
    first = client.get("/v1/feed", {"limit": 4, "personalised": "false"}).json()
    second = client.get("/v1/feed", {"limit": 4, "cursor": first["next"]}).json()
    whole = flat(scroll(client))
    assert [item["post"]["id"] for page in (first, second) for item in page["items"]] == whole[:8]
    own = client.get("/v1/feed", {"limit": 4}).json()
    shown = [item["post"]["id"] for item in own["items"]]
    off = preferences.Preferences(personalised=False, signals=frozenset())
    monkeypatch.setattr(preferences, "of", lambda viewer: off)
    cursor = own["next"]
    while cursor:
        page = client.get("/v1/feed", {"limit": 4, "cursor": cursor}).json()
        shown += [item["post"]["id"] for item in page["items"]]
        cursor = page["next"]
    assert sorted(shown) == sorted(whole)
    assert shown[4:8] == [post_id for post_id in whole if post_id not in shown[:4]][:4]


def test_it_is_made_once_for_many_and_anew_when_it_is_old(world, ada, bo, api, monkeypatch):
    made, make = [], pipeline.make
    monkeypatch.setattr(pipeline, "make", lambda query: made.append(query) or make(query))
    first = scroll(api(ada))
    cast.post(bo)
    assert scroll(api(bo)) == first
    assert len(made) == 1
    monkeypatch.setattr(shared, "FRESH_MS", 1)
    assert len(flat(scroll(api(bo)))) == len(world) + 1
    assert len(made) == 2
    assert len({query.seed for query in made}) == 2


def test_while_somebody_makes_the_next_one_others_get_the_last(world, ada, bo, api, monkeypatch):
    first = scroll(api(ada))
    cast.post(bo)
    monkeypatch.setattr(shared, "FRESH_MS", 1)
    bus.client().set("feed:all:for_you NL:present:making", 1, ex=10)
    assert scroll(api(bo)) == first


def test_two_who_make_it_at_once_agree_on_one(world, ada, bo, api, monkeypatch):
    """bo's is made while ada's is on its way: both scroll through bo's."""
    make, inner = pipeline.make, []

    def meanwhile(query):
        if not inner:
            inner.append(query)
            cast.post(bo)
            inner.append(api(bo).get("/v1/feed", {"limit": 50, "personalised": "false"}).json())
        return make(query)

    monkeypatch.setattr(pipeline, "make", meanwhile)
    of_ada = api(ada).get("/v1/feed", {"limit": 50, "personalised": "false"}).json()
    assert [i["post"]["id"] for i in of_ada["items"]] == [i["post"]["id"] for i in inner[1]["items"]]


@pytest.mark.parametrize("times", [1, 3])
def test_r06_a_lost_order_is_made_again_and_repeats_nothing(times, world, ada, bo, api):
    client, seen, cursor, page_count = api(ada), [], "", 0
    while cursor is not None:
        page = client.get("/v1/feed", {"limit": 4, "cursor": cursor, "personalised": "false"}).json()
        seen += [item["post"]["id"] for item in page["items"]]
        cursor, page_count = page["next"], page_count + 1
        if page_count <= times:
            bus.client().flushdb()
            posting.delete_post(world[page_count].author, world[page_count].pk)
    assert len(seen) == len(set(seen))
    assert {str(post.pk) for post in world[4:]} <= set(seen)


def test_its_impressions_are_logged_as_what_they_are(world, ada, api):
    api(ada).get("/v1/feed", {"limit": 5, "personalised": "false"})
    logbook.flush()
    logged = ServedPage.objects.get(viewer=ada)
    assert logged.model.startswith("all ")
    assert len(logged.propensities) == 5
    assert all(0 < propensity <= 1 for propensity in logged.propensities)


def test_a_warm_page_of_it_costs_two_statements_beside_the_session(world, ada, api, django_assert_num_queries):
    client = api(ada)
    query = {"limit": 5, "personalised": "false"}
    for _ in range(2):
        cursor = client.get("/v1/feed", query).json()["next"]
        client.get("/v1/feed", {**query, "cursor": cursor})
    with django_assert_num_queries(2):  # the person, and the policy
        client.get("/v1/feed", {**query, "cursor": cursor})
