"""Search: people find what they may see, and nothing else."""

import random

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cameos import consent, erasing
from cameos.models import Cameo
from feeds.discovery import search, search_index
from feeds.models import CameoWords, PersonWords, PostWords, Tag, TemplateWords
from sora_social.accounts import invites, people, ties
from sora_social.accounts.models import User
from sora_social.core.models import OutboxEvent
from sora_social.moderation import deciding
from sora_social.posts import posting
from sora_social.posts.events import PostsWithdrawn
from sora_social.posts.models import Post, PostTag
from sora_social.studio import generating, publishing
from sora_social.studio.models import Generation
from sora_social.studio.templates import authoring, using
from tests import cast

WORDS = {"visibility": "public", "remix_policy": "everyone", "prompt_visibility": "public"}
KEYS = {"posts": "post", "people": "person", "cameos": "cameo", "tags": "tag", "templates": "template"}


def found(client, q, kind="posts", *, limit=20, pages=50):
    """What a search finds, page by page: the ids, handles or tags."""
    hits, cursor = [], ""
    for _ in range(pages):
        answer = client.get("/v1/search", {"q": q, "type": kind, "limit": limit, "cursor": cursor})
        assert answer.status_code == 200, answer.content
        body = answer.json()
        hits += [hit[hit["type"]] for hit in body["items"]]
        assert {hit["type"] for hit in body["items"]} <= {KEYS[kind]}
        cursor = body["next"]
        if cursor is None:
            return hits
    raise AssertionError("it does not end")


def ids(hits):
    return [int(hit["id"]) for hit in hits]


# posts


@pytest.mark.parametrize(
    ("caption", "q"),
    [
        ("雨夜城市里的一只猫", "雨夜"),
        ("雨夜城市里的一只猫", "猫"),
        ("雨夜城市里的一只猫", "城市里"),
        ("Three cats in a café #Sea_side", "cafe CAT"),
        ("Three cats in a café #Sea_side", "#sea_side"),
        ("Three cats in a café #Sea_side", "side"),
        ("with @ada.b and a whale", "@ada.b"),
        ("ネコとﾈｺ", "ﾈｺ"),
        ("안녕하세요", "안녕"),
        ("a 🐱 again", "🐱"),
    ],
)
def test_a_post_is_found_by_its_words(caption, q, ada, bo, api, settle):
    post = cast.post(ada, caption=caption, prompt="x")
    cast.post(ada, caption="something else", prompt="y")
    settle()
    assert ids(found(api(bo), q)) == [post.pk]


@pytest.mark.parametrize(
    ("caption", "q"),
    [("雨，夜", "雨夜"), ("雨 夜", "雨夜"), ("sea side", "#sea"), ("scatter", "cat"), ("@adab", "@ada")],
)
def test_a_post_is_not_found_across_a_gap_or_by_a_piece_of_a_word(caption, q, ada, bo, api, settle):
    cast.post(ada, caption=caption, prompt="")
    settle()
    assert found(api(bo), q) == []


def test_every_word_must_be_there_and_only_where_nothing_has_them_all_most_are_enough(ada, bo, api, settle):
    both = cast.post(ada, caption="cat spaceship", prompt="")
    cat = cast.post(ada, caption="cat", prompt="")
    settle()
    assert ids(found(api(bo), "spaceship cat")) == [both.pk]
    assert ids(found(api(bo), "cat accordion")) == [cat.pk, both.pk]
    assert found(api(bo), "zebra accordion") == []
    close = cast.post(ada, caption="城市里的猫在看雨", prompt="")
    settle()
    assert ids(found(api(bo), "城市里的狗在看雨")) == [close.pk]


def test_hits_come_newest_first_each_once_while_posts_arrive_and_vanish(ada, bo, api, settle):
    posts = [cast.post(ada, caption=f"whale {n}", prompt="") for n in range(12)]
    settle()
    client = api(bo)
    first = client.get("/v1/search", {"q": "whale", "limit": 4}).json()
    seen = [int(hit["post"]["id"]) for hit in first["items"]]
    posting.delete_post(ada, posts[6].pk)
    cast.post(ada, caption="whale, new", prompt="")
    settle()
    cursor = first["next"]
    while cursor:
        page = client.get("/v1/search", {"q": "whale", "limit": 4, "cursor": cursor}).json()
        seen += ids(hit["post"] for hit in page["items"])
        cursor = page["next"]
    assert seen == [post.pk for post in reversed(posts) if post != posts[6]]


def test_a_prompt_is_searched_only_where_everybody_may_read_it(ada, bo, api, settle):
    open_one = cast.post(ada, prompt="velvet accordion")
    for kind in ("remixers", "private"):
        cast.post(ada, prompt="velvet accordion", prompt_visibility=kind)
    settle()
    for viewer in (ada, bo):
        assert ids(found(api(viewer), "velvet")) == [open_one.pk]


def test_words_that_an_author_takes_out_are_not_found_a_moment_longer(ada, bo, api, settle):
    post = cast.post(ada, caption="my address", prompt="velvet")
    settle()
    assert ids(found(api(bo), "address")) == [post.pk]
    api(ada).patch(f"/v1/posts/{post.pk}", {"caption": "nothing to see"})
    assert found(api(bo), "address") == []  # and no relay came
    assert ids(found(api(bo), "nothing see")) == [post.pk]
    api(ada).patch(f"/v1/posts/{post.pk}", {"prompt_visibility": "private"})
    assert found(api(bo), "velvet") == []


@pytest.mark.parametrize(
    "away",
    ["deleted", "removed", "private", "unlisted", "followers", "suspended", "blocking", "blocked", "muted", "revoked"],
)
def test_what_is_gone_is_found_by_nobody_at_the_next_request(away, ada, bo, cy, mod, api, settle):
    """Nothing is settled in between: visibility is asked of each hit when somebody looks."""
    face = cast.cameo(cy, audience="everyone")
    draft = cast.finished_job(ada, cast=[str(face.pk)]).drafts.get()
    post = publishing.publish_draft(ada, draft.pk, caption="a velvet whale", **WORDS)
    settle()
    assert ids(found(api(bo), "velvet")) == [post.pk]
    match away:
        case "deleted":
            posting.delete_post(ada, post.pk)
        case "removed":
            deciding.remove_post(mod, post.pk, reason="It is somebody's face")
        case "private" | "unlisted" | "followers":
            posting.edit_post(ada, post.pk, visibility=away)
        case "suspended":
            people.set_active(ada.pk, active=False)
        case "blocking":
            ties.block(ada, "bo")
        case "blocked":
            ties.block(bo, "ada")
        case "muted":
            ties.mute(bo, "ada")
        case "revoked":
            consent.revoke(cy, face.pk, mode=consent.Mode.UNPUBLISH_ALL)
    for _ in range(2):
        assert found(api(bo), "velvet") == []
        settle()
    if away == "followers":
        ties.follow(bo, "ada")
        assert ids(found(api(bo), "velvet")) == [post.pk]
    if away == "private":
        assert ids(found(api(ada), "velvet")) == [post.pk]


def test_what_comes_back_is_found_again(ada, bo, mod, api, settle):
    post = cast.post(ada, caption="velvet #whale", prompt="")
    settle()
    deciding.remove_post(mod, post.pk, reason="not sure")
    settle()
    assert not PostWords.objects.exists()
    assert found(api(bo), "whale", "tags") == []
    deciding.restore_post(mod, post.pk, reason="it was fine")
    settle()
    assert ids(found(api(bo), "velvet")) == [post.pk]
    assert found(api(bo), "whale", "tags") == [{"tag": "whale", "posts": 1}]


def test_a_post_whose_cast_took_itself_back_is_counted_for_no_tag(ada, bo, cy, api, settle):
    face = cast.cameo(cy, audience="everyone")
    draft = cast.finished_job(ada, cast=[str(face.pk)]).drafts.get()
    publishing.publish_draft(ada, draft.pk, caption="a velvet #whale", **WORDS)
    cast.post(ada, caption="another #whale")
    settle()
    assert found(api(bo), "whale", "tags") == [{"tag": "whale", "posts": 2}]
    consent.revoke(cy, face.pk, mode=consent.Mode.UNPUBLISH_ALL)
    for _ in range(2):
        settle()
        assert found(api(bo), "whale", "tags") == [{"tag": "whale", "posts": 1}]
        OutboxEvent.objects.all().delete()
        search_index.follow_withdrawal(PostsWithdrawn(post_ids=list(Post.objects.values_list("pk", flat=True))))


def test_a_post_with_an_undo_window_is_found_when_it_is_over(ada, bo, api, settle):
    draft = cast.finished_job(ada).drafts.get()
    post = publishing.publish_draft(ada, draft.pk, caption="velvet", **WORDS, undo_s=60)
    settle()
    assert found(api(bo), "velvet") == []
    search_index.index_posts([post.pk])  # early is harmless
    assert found(api(bo), "velvet") == []


def test_a_page_is_filled_past_what_is_hidden_and_ends_after_a_few_rounds(ada, bo, cy, api, settle):
    older = [cast.post(ada, caption="velvet", prompt="") for _ in range(3)]
    clip = cast.clip()
    Post.objects.bulk_create(
        Post(author=cy, clip=clip, caption="velvet", provider="preview", model="preview-1") for _ in range(400)
    )
    settle()
    search_index.index_posts(Post.objects.filter(author=cy).values_list("pk", flat=True))
    ties.block(cy, "bo")
    page = api(bo).get("/v1/search", {"q": "velvet", "limit": 5}).json()
    assert page["items"] == []
    assert page["next"] is not None
    assert ids(found(api(bo), "velvet", limit=5)) == [post.pk for post in reversed(older)]
    assert ids(found(api(bo), "velvet", limit=100)) == [post.pk for post in reversed(older)]


@pytest.mark.parametrize("longer", [2, 16])
def test_every_look_together_finds_each_post_once(longer, ada, bo, api, settle, monkeypatch):
    """The windows of one search leave no gap and do not overlap, wherever the words are."""
    monkeypatch.setattr(search, "NEWEST", 3)
    monkeypatch.setattr(search, "LONGER", longer)
    chance = random.Random(4)
    words = {
        cast.post(ada, caption=(word := chance.choice(["velvet", "satin", "wool"])), prompt="").pk: word
        for _ in range(40)
    }
    settle()
    for word in ("velvet", "satin", "wool"):
        expected = sorted((pk for pk, its in words.items() if its == word), reverse=True)
        for limit in (1, 4, 100):
            assert ids(found(api(bo), word, limit=limit)) == expected


# people


def test_people_are_found_by_handle_and_name_as_one_types(ada, bo, api, settle):
    people.update_profile(ada, display_name="Ada Lovelace")
    people.update_profile(bo, display_name="林夜雨")
    settle()
    for typed in ("a", "ad", "ada", "@ada", "ADA", "love", "lovelace a", "Ada Lovelace"):
        assert [person["handle"] for person in found(api(bo), typed, "people")] == ["ada"], typed
    for typed in ("林", "夜雨", "林夜雨"):
        assert [person["handle"] for person in found(api(ada), typed, "people")] == ["bo"], typed
    for typed in ("da", "雨夜", "ada b", "zz"):
        assert found(api(bo), typed, "people") == [], typed


def test_who_is_exactly_meant_comes_first_and_then_who_many_follow(bo, api, settle):
    names = ("sea", "sea_one", "sea_two", "seagull")
    crowd = {name: cast.person(name) for name in names}
    for follower in (bo, crowd["seagull"]):
        ties.follow(follower, "sea_two")
    ties.follow(bo, "seagull")
    settle()
    search_index.weigh()
    assert [person["handle"] for person in found(api(bo), "sea", "people")] == ["sea", "sea_two", "seagull", "sea_one"]
    assert [person["handle"] for person in found(api(bo), "sea", "people", limit=1)] == [
        "sea",
        "sea_two",
        "seagull",
        "sea_one",
    ]


def test_a_former_handle_leads_to_its_owner_and_a_new_name_is_found(ada, bo, api, settle):
    people.update_profile(ada, handle="countess")
    settle()
    for typed in ("ada", "countess"):
        assert [person["handle"] for person in found(api(bo), typed, "people")] == ["countess"]


def test_people_who_are_not_there_for_the_viewer_are_not_found(ada, bo, cy, mallory, api, settle):
    waiting = cast.person("waiting", admitted=False)
    settle()
    search_index.index_people([waiting.pk])
    ties.block(ada, "mallory")
    people.set_active(cy.pk, active=False)
    assert found(api(mallory), "ada", "people") == []
    assert found(api(ada), "mallory", "people") == []
    assert found(api(bo), "cy", "people") == []
    assert found(api(bo), "waiting", "people") == []
    invites.admit(waiting)
    assert [person["handle"] for person in found(api(bo), "waiting", "people")] == ["waiting"]


# cameos


def test_cameos_are_found_by_who_may_know_of_them(ada, bo, cy, mallory, api, settle):
    face = cast.approved(ada, audience="everyone")
    settle()
    assert ids(found(api(bo), "ada", "cameos")) == [face.pk]
    assert found(api(bo), "ada", "cameos")[0]["viewer"] == {"may_cast": True, "reason": "everyone"}
    consent.set_terms(ada, face.pk, audience="approved", display_name="The Countess")
    settle()
    (seen,) = found(api(bo), "countess", "cameos")
    assert (seen["viewer"]["may_cast"], seen["preferences"]) == (False, None)
    ties.block(ada, "mallory")
    assert found(api(mallory), "countess", "cameos") == []
    consent.set_terms(ada, face.pk, audience="only_me")
    for viewer, hits in ((bo, []), (ada, [face.pk])):
        assert ids(found(api(viewer), "countess", "cameos")) == hits


def test_an_erased_cameo_leaves_no_name_behind(ada, bo, api, settle):
    face = cast.approved(ada, audience="everyone")
    consent.set_terms(ada, face.pk, display_name="The Countess")
    settle()
    assert CameoWords.objects.filter(pk=face.pk).exists()
    erasing.erase(ada, face.pk)
    assert found(api(bo), "countess", "cameos") == []
    settle()
    assert not CameoWords.objects.exists()


def test_cameos_that_many_people_cast_come_first_each_person_once(ada, bo, cy, api, settle):
    for owner, name in ((ada, "rex.a"), (ada, "rex.b")):
        cast.approved(owner, kind="character", handle=name, audience="everyone")
    for maker, handle in (
        (bo, "@rex.b"),
        (cy, "@rex.b"),
        (bo, "@rex.a"),
        (bo, "@rex.a"),
        (bo, "@rex.a"),
        (ada, "@rex.a"),
    ):
        draft = cast.finished_job(maker, prompt="a walk", cast=[handle]).drafts.get()
        publishing.publish_draft(maker, draft.pk, caption="", **WORDS)
    settle()
    search_index.weigh()
    assert [cameo["handle"] for cameo in found(api(cy), "rex", "cameos")] == ["rex.b", "rex.a"]
    assert dict(CameoWords.objects.values_list("cameo__name_id", "weight")) == {"rex.a": 1, "rex.b": 2}


# tags


def test_tags_are_found_with_the_count_of_their_public_posts(ada, bo, api, settle):
    cast.post(ada, caption="#sea #seaside")
    cast.post(bo, caption="#Sea")
    for hidden in ("private", "unlisted", "followers"):
        cast.post(ada, caption="#sea #secret", visibility=hidden)
    settle()
    both = [{"tag": "sea", "posts": 2}, {"tag": "seaside", "posts": 1}]
    for viewer in (ada, bo):
        assert found(api(viewer), "#se", "tags") == both
        assert found(api(viewer), "sea", "tags", limit=1) == both
    post = cast.post(bo, caption="#seaside")
    settle()
    posting.edit_post(bo, post.pk, caption="#other")
    settle()
    assert found(api(ada), "seaside", "tags") == [{"tag": "seaside", "posts": 1}]
    posting.edit_post(bo, post.pk, visibility="private")
    settle()
    assert found(api(bo), "other", "tags") == []


def test_a_tag_of_somebody_behind_a_wall_is_not_there(ada, bo, mallory, api, settle):
    cast.post(mallory, caption="#mallorys")
    settle()
    assert found(api(bo), "mallorys", "tags") == [{"tag": "mallorys", "posts": 1}]
    ties.block(ada, "mallory")
    assert found(api(ada), "mallorys", "tags") == []


ACTS = ["post", "post", "edit", "hide", "show", "delete", "remove", "restore", "settle", "again", "late"]


def test_r08_tag_counts_equal_the_posts_whatever_happens_to_them(ada, bo, mod, settle):
    """Two hundred random acts; then what is counted is what is there."""
    chance = random.Random(11)
    posts = []
    for _ in range(200):
        match chance.choice(ACTS):
            case "post":
                tags = " ".join(f"#t{chance.randrange(5)}" for _ in range(chance.randrange(3)))
                posts.append(cast.post(ada, caption=tags, visibility=chance.choice(["public", "private", "followers"])))
            case "settle":
                settle()
            case "again" if posts:
                search_index.index_posts([chance.choice(posts).pk])
            case "late" if posts:
                search_index.follow_withdrawal(PostsWithdrawn(post_ids=[chance.choice(posts).pk]))
            case act if posts:
                _act(act, chance, chance.choice(posts), ada, mod)
    settle()
    public = Post.objects.standing().filter(visibility="public")
    counts = {}
    for tag in PostTag.objects.filter(post__in=public.values("pk")).values_list("tag", flat=True):
        counts[tag] = counts.get(tag, 0) + 1
    assert counts
    assert {tag: count for tag, count in Tag.objects.values_list("tag", "post_count") if count} == counts


def _act(act, chance, post, author, mod):
    gone = Post.objects.get(pk=post.pk)
    match act:
        case "edit" if not gone.is_tombstone:
            posting.edit_post(author, post.pk, caption=f"#t{chance.randrange(5)} #t{chance.randrange(5)}")
        case "hide" | "show" if not gone.is_tombstone:
            posting.edit_post(author, post.pk, visibility="private" if act == "hide" else "public")
        case "delete" if not gone.is_tombstone:
            posting.delete_post(author, post.pk)
        case "remove" if not gone.is_tombstone:
            deciding.remove_post(mod, post.pk, reason="test of counts")
        case "restore" if gone.removed_at and not gone.deleted_at:
            deciding.restore_post(mod, post.pk, reason="test of counts")


# what is asked


@pytest.mark.parametrize("kind", search.TYPES)
@pytest.mark.parametrize("q", ["!!!", "，。", "#", "@", "…", "' & | ! :* ( ) <-> \\", "%_", "¯"])
def test_a_question_with_nothing_in_it_finds_nothing(q, kind, ada, api):
    answer = api(ada).get("/v1/search", {"q": q, "type": kind})
    assert (answer.status_code, answer.json()) == (200, {"items": [], "next": None})


@pytest.mark.parametrize("kind", search.TYPES)
@pytest.mark.parametrize(
    "q",
    [
        "a & b",
        "it's",
        "\\'",
        "a:*",
        "<->",
        "猫" * 200,
        "x" * 200,
        "a b c d e f g h i j k l m n o",
        "🐱" * 50,
        "١٢٣",
        "e\u0301",
    ],
)
def test_odd_questions_are_answered(q, kind, ada, api):
    assert api(ada).get("/v1/search", {"q": q, "type": kind}).status_code == 200


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({}, "q"),
        ({"q": ""}, "q"),
        ({"q": "   "}, "q"),
        ({"q": "x" * 201}, "q"),
        ({"q": "a\0b"}, "q"),
        ({"q": "a\u202eb"}, "q"),
        ({"q": "a", "type": "sounds"}, "type"),
        ({"q": "a", "limit": 101}, "limit"),
        ({"q": "a", "cursor": "abc"}, "cursor"),
    ],
)
def test_what_cannot_be_asked_is_refused_at_its_field(asked, field, ada, api):
    answer = api(ada).get("/v1/search", asked)
    assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])


def test_a_cursor_is_good_for_its_question_and_person_alone(ada, bo, api, settle):
    for n in range(3):
        cast.post(ada, caption=f"velvet satin {n}", prompt="")
    settle()
    cursor = api(bo).get("/v1/search", {"q": "velvet", "limit": 1}).json()["next"]
    for viewer, asked in ((ada, {"q": "velvet"}), (bo, {"q": "satin"}), (bo, {"q": "velvet", "type": "people"})):
        assert api(viewer).get("/v1/search", {**asked, "cursor": cursor}).status_code == 422


# what it costs


@pytest.mark.parametrize("kind", search.TYPES)
def test_a_page_costs_the_same_for_10_and_for_50_hits(kind, ada, bo, api, settle):
    for n in range(60):
        cast.post(ada, caption=f"velvet #velvet{n}")
    crowd = [cast.person(f"velvet{n}") for n in range(60)]
    for owner in crowd:
        cast.cameo(owner, audience="everyone")
        if kind == "templates":
            cast.template(owner, title=f"velvet {owner.handle}")
    settle()
    search_index.index_cameos(Cameo.objects.values_list("pk", flat=True))
    client = api(bo)
    client.get("/v1/search", {"q": "velvet", "type": kind, "limit": 50})  # renderings are kept, plans are made
    costs = {}
    for limit in (10, 50):
        with CaptureQueriesContext(connection) as asked:
            page = client.get("/v1/search", {"q": "velvet", "type": kind, "limit": limit}).json()
        assert len(page["items"]) == limit
        costs[limit] = len(asked)
    assert costs[10] == costs[50] <= 7


# templates, by their titles


def titles(hits):
    return [hit["title"] for hit in hits]


def test_templates_are_found_by_their_titles_the_most_used_first(ada, bo, cy, api, settle):
    first = cast.template(ada, title="Rain on a roof")
    cast.template(bo, title="雨夜里的一只猫")
    cast.template(bo, title="Rain again")
    using.use(cy, first.pk, slots={"animal": "dog"}, changes={})
    generating._complete(generating.claim(Generation.objects.get(owner=cy).pk), [cast.clip()])
    settle()
    search_index.weigh()
    for typed in ("rain", "RA"):
        assert titles(found(api(cy), typed, "templates", limit=1)) == ["Rain on a roof", "Rain again"]
    assert titles(found(api(cy), "雨夜", "templates")) == ["雨夜里的一只猫"]
    assert found(api(cy), "roof", "templates")[0]["counts"] == {"uses": 1, "people": 1}
    TemplateWords.objects.all().delete()
    call_command("reindex_search")
    assert titles(found(api(cy), "rain", "templates")) == ["Rain on a roof", "Rain again"]


def test_a_template_is_found_by_its_new_title_and_not_when_it_is_not_to_be_had(ada, bo, api):
    one, other = cast.template(ada, title="Rain on a roof"), cast.template(ada, title="Rain again")
    authoring.edit_template(ada, one.pk, title="Snow on a roof")
    assert titles(found(api(bo), "rain", "templates")) == ["Rain again"]
    assert titles(found(api(bo), "snow", "templates")) == ["Snow on a roof"]
    authoring.withdraw_template(ada, one.pk)
    assert found(api(bo), "snow", "templates") == []
    posting.edit_post(ada, other.post_id, visibility="unlisted")
    assert found(api(bo), "rain", "templates") == []
    posting.edit_post(ada, other.post_id, visibility="public")
    ties.block(ada, "bo")
    assert found(api(bo), "rain", "templates") == []


def test_reindexing_writes_the_same_again(ada, bo, api, settle, capsys):
    post = cast.post(ada, caption="velvet #whale")
    face = cast.approved(ada, audience="everyone")
    settle()

    def stored():
        with connection.cursor() as cursor:
            cursor.execute(
                """SELECT post_id, words::text, tags::text FROM feeds_postwords UNION ALL
                   SELECT person_id, words::text, '' FROM feeds_personwords UNION ALL
                   SELECT cameo_id, words::text, '' FROM feeds_cameowords ORDER BY 1"""
            )
            return cursor.fetchall()

    before = stored()
    assert {row[0] for row in before} == {post.pk, face.pk, ada.pk, bo.pk}
    for model in (PostWords, PersonWords, CameoWords, Tag):
        model.objects.all().delete()
    call_command("reindex_search")
    assert capsys.readouterr().out == "posts: 1\npeople: 2\ncameos: 1\ntemplates: 0\n"
    settle()
    assert stored() == before
    call_command("reindex_search")
    settle()
    assert found(api(bo), "whale", "tags") == [{"tag": "whale", "posts": 1}]
    assert User.objects.count() == 2
