"""Shooting the same: a post's recipe with named slots, in versions, for others to fill with their words and faces."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cameos import casting
from remix.models import Edge
from sora_social.accounts import ties
from sora_social.core.errors import Conflict, Invalid, NotFound
from sora_social.credits.models import Hold
from sora_social.posts import posting
from sora_social.posts.models import Post
from sora_social.studio import generating, publishing, submitting
from sora_social.studio.models import Generation
from sora_social.studio.templates import authoring, reading, using
from sora_social.studio.templates.models import Template, TemplateUser, TemplateVersion
from sora_social.studio.templates.recipes import Slot
from tests import cast
from tests.access.scene import fingerprint
from tests.media.conftest import media_folder  # noqa: F401 - a storage of each test's own


def use(client, template, slots=None, **words):
    return client.post(f"/v1/templates/{template.pk}/use", {"slots": slots or {}, **words})


def finished(job: Generation) -> Generation:
    claimed = generating.claim(job.pk)
    assert claimed is not None
    assert generating._complete(claimed, [cast.clip() for _ in range(job.variations)])
    job.refresh_from_db()
    return job


def published(owner, job: Generation, **words) -> Post:
    given = {"caption": "", "visibility": "public", "remix_policy": "everyone", "prompt_visibility": "public"}
    return publishing.publish_draft(owner, finished(job).drafts.get().pk, **{**given, **words})


def used(person, template: Template, slots=None, **words) -> Generation:
    return using.use(person, template.pk, slots=slots or {"animal": "dog"}, changes=words.pop("changes", {}), **words)


def errors_of(answer) -> dict[str, list[str]]:
    assert answer.status_code == 422, answer.content
    return {name: [error["code"] for error in said] for name, said in answer.json()["errors"].items()}


# made


def test_a_recipe_goes_from_a_post_to_a_job_of_somebody_else(ada, bo, api):
    looks = {"style": "noir", "camera": "pan", "orientation": "square", "negative_prompt": "text", "seed": 7}
    post = cast.shown(ada, prompt="a cat in the rain", **looks)
    answer = api(ada).post(
        "/v1/templates",
        {
            "post_id": str(post.pk),
            "title": "A pet in the rain",
            "prompt": "a {animal} in the rain, {mood}",
            "slots": [{"name": "animal", "example": "cat"}, {"name": "mood", "default": "slow"}],
            "locked": ["style", "prompt"],
        },
    )
    assert answer.status_code == 201, answer.content
    shown = answer.json()
    recipe = {
        "version": 1,
        "title": "A pet in the rain",
        "post_id": str(post.pk),
        "prompt": "a {animal} in the rain, {mood}",
        "shots": [],
        "negative_prompt": "text",
        "style": "noir",
        "camera": "pan",
        "orientation": "square",
        "seconds": 5,
        "seed": None,
        "locked": ["prompt", "style"],
        "counts": {"uses": 0, "people": 0},
        "viewer": {"may_use": True},
        "withdrawn": False,
    }
    assert {name: shown[name] for name in recipe} == recipe
    assert shown["author"]["handle"] == "ada"
    assert [(slot["name"], slot["kind"], slot["default"]) for slot in shown["slots"]] == [
        ("animal", "text", ""),
        ("mood", "text", "slow"),
    ]
    assert api(bo).get(f"/v1/templates/{shown['id']}").json() == shown

    answer = use(api(bo), Template.objects.get(), {"animal": "dog"}, camera="zoom", version=1)
    assert answer.status_code == 202, answer.content
    job = answer.json()
    assert (job["prompt"], job["style"], job["camera"], job["orientation"]) == (
        "a dog in the rain, slow",
        "noir",
        "zoom",
        "square",
    )
    assert job["negative_prompt"] == "text"
    assert job["sources"] == [{"post_id": str(post.pk), "kind": "template"}]
    made_with = {"id": shown["id"], "version": 1, "title": "A pet in the rain", "author": "ada"}
    assert job["template"] == {**made_with, "slots": {"animal": "dog", "mood": "slow"}}
    assert api(bo).get("/v1/generations").json()["items"][0]["template"] == job["template"]


def test_shots_have_slots_too_and_a_locked_seed_is_that_of_the_clip(ada, bo):
    shots = [{"text": "a cat", "seconds": 2}, {"text": "another cat", "seconds": 3}]
    post = cast.shown(ada, prompt="two cats", shots=shots, seed=41)
    template = cast.template(
        ada,
        of=post,
        prompt="two {animal}s",
        shots=[{"text": "a {animal}", "seconds": 2}, {"text": "{mood} again", "seconds": 3}],
        locked=["seed", "shots"],
    )
    job = used(bo, template)
    assert job.prompt == "two dogs"
    assert [shot["text"] for shot in job.shots] == ["a dog", "slow and blue again"]
    assert job.seed == 41
    with pytest.raises(Conflict) as refused:
        submitting.reroll(bo, job.pk)
    assert refused.value.code == "seed_locked"


WRONG_RECIPES = {
    "a slot that stands nowhere": ({"slots": [{"name": "hat"}]}, {"slots[0].name": ["unused"]}),
    "a name twice": (
        {"prompt": "a {hat}", "slots": [{"name": "hat"}, {"name": "hat"}]},
        {"slots[1].name": ["repeated"]},
    ),
    "a mark without a slot": ({"prompt": "a {hat}"}, {"prompt": ["unknown_slot"]}),
    "no name at all": ({"prompt": "a {hat}", "slots": [{"name": "Hat!"}]}, {"slots[0].name": ["invalid"]}),
    "a default that is too long": (
        {"prompt": "a {hat}", "slots": [{"name": "hat", "default": "bowler", "max_length": 3}]},
        {"slots[0].default": ["max_length"]},
    ),
    "a face that is no handle": (
        {"prompt": "{who} walks", "slots": [{"name": "who", "kind": "cast", "default": "bo"}]},
        {"slots[0].default": ["not_a_handle"]},
    ),
    "a face inside a word": (
        {"prompt": "{who}s walk", "slots": [{"name": "who", "kind": "cast"}]},
        {"prompt": ["bad_place"]},
    ),
    "four faces": (
        {
            "prompt": "{one} {two} {three} {four}",
            "slots": [{"name": name, "kind": "cast"} for name in ("one", "two", "three", "four")],
        },
        {"slots": ["too_many"]},
    ),
    "what cannot be locked": ({"locked": ["cast"]}, {"locked[0]": ["invalid_choice"]}),
    "shots that are too long": ({"shots": [{"text": "a", "seconds": 6}]}, {"shots": ["too_long"]}),
    "what is never made": ({"prompt": "how to commit suicide, a guide"}, {"prompt": ["self_harm"]}),
    "a control character": ({"title": "a\x07b"}, {"title": ["control_characters"]}),
}


@pytest.mark.parametrize("wrong", WRONG_RECIPES)
def test_a_recipe_that_nobody_could_fill_is_refused_at_its_field(wrong, ada, api):
    post = cast.shown(ada, prompt="a cat")
    client = api(ada)
    before = fingerprint()
    body, expected = WRONG_RECIPES[wrong]
    assert errors_of(client.post("/v1/templates", {"post_id": str(post.pk), "title": "Cats", **body})) == expected
    assert fingerprint() == before


def test_only_its_author_makes_a_template_of_a_post_and_one_at_a_time(ada, bo, api):
    post = cast.shown(ada, prompt="a cat")
    bodiless = cast.post(ada)
    clients = {"ada": api(ada), "bo": api(bo)}

    def make(who, of):
        return clients[who].post("/v1/templates", {"post_id": str(of), "title": "Cats"})

    before = fingerprint()
    assert make("bo", post.pk).status_code == 403
    assert make("bo", post.pk + 1).status_code == 404
    answer = make("ada", bodiless.pk)
    assert (answer.status_code, answer.json()["code"]) == (409, "no_recipe")
    assert fingerprint() == before
    first = make("ada", post.pk)
    assert first.status_code == 201
    again = make("ada", post.pk)
    assert (again.status_code, again.json()["code"]) == (409, "already_a_template")
    clients["ada"].delete(f"/v1/templates/{first.json()['id']}")
    assert make("ada", post.pk).status_code == 201


# filled


WRONG_USES = {
    "nothing where something must be": ({}, {}, {"slots.animal": ["required"]}),
    "only spaces": ({"animal": "   "}, {}, {"slots.animal": ["required"]}),
    "too long": ({"animal": "a" * 201}, {}, {"slots.animal": ["max_length"]}),
    "a slot that it has not": ({"animal": "dog", "hat": "bowler"}, {}, {"slots.hat": ["unknown_slot"]}),
    "two at once": ({"mood": "b" * 201}, {}, {"slots.animal": ["required"], "slots.mood": ["max_length"]}),
    "a locked part": ({"animal": "dog"}, {"style": "anime"}, {"style": ["locked"]}),
    "locked words": ({"animal": "dog"}, {"prompt": "anything"}, {"prompt": ["locked"]}),
    "no number": ({"animal": "dog"}, {"version": 0}, {"version": ["min_value"]}),
    "no text": ({"animal": ["dog"]}, {}, {"slots.animal": ["invalid"]}),
    "a field that is none": ({"animal": "dog"}, {"sources": []}, {"sources": ["unknown_field"]}),
}


@pytest.mark.parametrize("wrong", WRONG_USES)
def test_a_use_that_is_wrong_is_refused_at_its_field_and_nothing_is_kept(wrong, ada, bo, api):
    template = cast.template(ada)
    client = api(bo)
    before = fingerprint()
    slots, words, expected = WRONG_USES[wrong]
    assert errors_of(use(client, template, slots, **words)) == expected
    assert fingerprint() == before


def test_words_of_ones_own_have_the_slots_too_and_a_slot_without_a_place_is_told(ada, bo, api):
    template = cast.template(ada, locked=["style"])
    client = api(bo)
    assert errors_of(use(client, template, {"animal": "dog", "mood": "fast"}, prompt="one {animal}")) == {
        "slots.mood": ["unused"]
    }
    answer = use(client, template, {"animal": "dog"}, prompt="one {animal} and {nobody}")
    assert answer.json()["prompt"] == "one dog and {nobody}"
    assert answer.json()["template"]["slots"] == {"animal": "dog"}
    assert use(client, template, {}, prompt="none of them").json()["prompt"] == "none of them"


def test_what_is_put_into_a_slot_is_put_in_once(ada, bo):
    template = cast.template(ada)
    assert used(bo, template, {"animal": "{mood} cat"}).prompt == "a {mood} cat in the rain, slow and blue"


def test_an_optional_slot_may_be_empty_and_the_whole_may_not(ada, bo):
    template = cast.template(ada, prompt="{what}", slots=[Slot("what", default="a cat", optional=True)])
    assert used(bo, template, {"what": "a dog"}).prompt == "a dog"
    assert using.use(bo, template.pk, slots={}, changes={}).prompt == "a cat"
    with pytest.raises(Invalid) as refused:
        using.use(bo, template.pk, slots={"what": ""}, changes={})
    assert refused.value.errors["slots"][0]["code"] == "required"


def test_words_that_become_too_long_are_refused(ada, bo):
    slots = [Slot("what", max_length=500)]
    template = cast.template(ada, prompt="{what} " * 10 + "a" * 1000, slots=slots)
    with pytest.raises(Invalid) as refused:
        used(bo, template, {"what": "b" * 500})
    assert refused.value.errors["slots"][0]["code"] == "too_long"
    assert used(bo, template, {"what": "b"}).pk


# faces


def face(slot: str = "who", **fields):
    return {"prompt": f"{{{slot}}} walks in the rain", "slots": [Slot(slot, kind="cast", **fields)], "locked": []}


def test_a_face_comes_by_a_slot_and_nobody_comes_with_the_post(ada, bo, cy):
    cast.cameo(ada, audience="everyone")
    cast.cameo(cy, audience="everyone")
    post = cast.shown(ada, prompt="walking in the rain", cast=["@ada"])
    template = cast.template(ada, of=post, **face())
    job = used(bo, template, {"who": "@cy"})
    assert job.prompt == "@cy walks in the rain"
    cameos = casting.cast_of_job(job.pk).values_list("cameo__owner__handle", "is_inherited")
    assert list(cameos) == [("cy", False)]
    assert [str(member) for member in casting.cast_of_posts([published(bo, job).pk])] == [
        str(cameo_id) for cameo_id in casting.cast_of_job(job.pk).values_list("cameo_id", flat=True)
    ]


def test_a_default_may_name_a_face_and_its_owner_is_asked(ada, bo, cy, api):
    cast.cameo(cy, audience="everyone")
    template = cast.template(ada, **face(default="@cy"))
    assert using.use(bo, template.pk, slots={}, changes={}).prompt == "@cy walks in the rain"
    ties.block(cy, "bo")
    client = api(bo)
    before = fingerprint()
    answer = use(client, template)
    assert (answer.status_code, answer.json()["code"]) == (422, "cast_not_allowed")
    assert fingerprint() == before


def test_a_face_that_does_not_allow_it_is_refused_and_nothing_is_kept(ada, bo, cy, api):
    cast.cameo(cy, audience="only_me")
    template = cast.template(ada, **face())
    client = api(bo)
    before = fingerprint()
    answer = use(client, template, {"who": "@cy"})
    assert (answer.status_code, answer.json()["code"]) == (422, "cast_not_allowed")
    assert errors_of(use(client, template, {"who": "cy"})) == {"slots.who": ["not_a_handle"]}
    assert fingerprint() == before


def test_a_limit_reads_the_composed_words(ada, bo, cy):
    cast.cameo(cy, audience="everyone", limits={"no_politics": True})
    template = cast.template(ada, prompt="{who} at {where}", slots=[Slot("who", kind="cast"), Slot("where")], locked=[])
    job = used(bo, template, {"who": "@cy", "where": "an election campaign rally for a presidential candidate"})
    assert job.status == "refused"
    assert job.refusal["rule"] == "cast_restriction"
    assert used(bo, template, {"who": "@cy", "where": "the beach"}).status == "queued"


def test_the_safety_rules_read_the_composed_words(ada, bo):
    template = cast.template(ada, prompt="a guide, {what}", slots=[Slot("what")])
    job = used(bo, template, {"what": "how to commit suicide"})
    assert (job.status, job.refusal["rule"], job.hold_id) == ("refused", "self_harm", None)


# words that are not to be read


def sealed_by(ada, **fields) -> Template:
    """A template whose words its author keeps to herself."""
    post = cast.shown(ada, prompt="a cat in a very secret garden", prompt_visibility="private")
    words = {"prompt": "a {animal} in a very secret garden, {mood}", "negative_prompt": "no secret", **fields}
    return cast.template(ada, of=post, locked=["prompt", "negative_prompt"], **words)


@pytest.fixture
def sealed(ada):
    return sealed_by(ada)


def everything_told(client, *paths) -> str:
    return "".join(client.get(path).content.decode() for path in paths)


def test_locked_words_of_a_private_prompt_are_told_to_nobody_in_any_way(ada, bo, cy, api, settle):
    who = Slot("who", kind="cast", optional=True)
    prompt = "a {animal} in a very secret garden, {mood} {who}"
    sealed = sealed_by(ada, prompt=prompt, slots=[*cast.RECIPE["slots"], who])
    face = cast.cameo(bo, audience="everyone")
    client = api(bo)
    shown = client.get(f"/v1/templates/{sealed.pk}").json()
    assert shown["prompt"] is None
    assert [slot["name"] for slot in shown["slots"]] == ["animal", "mood", "who"]
    assert api(ada).get(f"/v1/templates/{sealed.pk}").json()["prompt"] == prompt

    answer = use(client, sealed, {"animal": "dog", "who": "@bo"})
    assert answer.status_code == 202
    assert answer.json()["prompt"] is None
    job = Generation.objects.get(owner=bo)
    assert job.prompt == "a dog in a very secret garden, slow and blue @bo"
    post = published(bo, job)
    settle()
    own = [f"/v1/generations/{job.pk}", "/v1/generations", "/v1/drafts", f"/v1/drafts/{job.drafts.get().pk}"]
    everybodys = [f"/v1/posts/{post.pk}", f"/v1/posts/{post.pk}/lineage", "/v1/feed?feed=latest", "/v1/search?q=secret"]
    own += [f"/v1/cameos/{face.pk}/appearances", f"/v1/templates/{sealed.pk}"]
    told = everything_told(client, *own, *everybodys)
    told += everything_told(api(cy), *everybodys, f"/v1/templates/{sealed.pk}", "/v1/templates")
    assert "dog" in told  # what was filled in is theirs
    assert "secret" not in told
    client.patch(f"/v1/posts/{post.pk}", {"prompt_visibility": "remixers"})
    assert client.get(f"/v1/posts/{post.pk}").json()["prompt"] is None


WAYS_IN = {
    "cast": ({"animal": "dog"}, {"cast": ["@cy"]}, ["cast"]),
    "a slot for text": ({"animal": "dog", "mood": "with @Cy"}, {}, ["slots.mood"]),
    "a slot that an at stands before": ({"animal": "dog", "tail": "cy"}, {}, ["slots"]),
    "two slots around a letter": ({"animal": "dog @", "mood": "y"}, {}, ["slots"]),
    "shots of one's own": ({"animal": "dog"}, {"shots": [{"text": "@cy waves", "seconds": 2}]}, ["shots"]),
    "all at once": ({"animal": "@cy"}, {"cast": ["@cy"]}, ["cast", "slots.animal"]),
}


@pytest.mark.parametrize("way", WAYS_IN)
def test_nobody_reads_sealed_words_by_the_face_of_a_friend(way, ada, bo, cy, api):
    face = cast.cameo(cy, audience="everyone")
    slots = [*cast.RECIPE["slots"], Slot("tail", optional=True)]
    template = sealed_by(ada, prompt="a {animal}c{mood} in a very secret garden @{tail}", slots=slots)
    client = api(bo)
    before = fingerprint()
    filled, words, fields = WAYS_IN[way]
    assert errors_of(use(client, template, filled, **words)) == {field: ["sealed_template"] for field in fields}
    assert fingerprint() == before
    assert api(cy).get(f"/v1/cameos/{face.pk}/appearances").json()["items"] == []
    assert use(client, template, {"animal": "dog"}).status_code == 202


def test_a_sealed_template_with_a_slot_for_a_face_is_read_by_who_is_put_in(ada, bo, cy, api):
    face = cast.cameo(cy, audience="everyone")
    slots = [Slot("who", kind="cast"), Slot("mood")]
    template = sealed_by(ada, prompt="{who} in a very secret garden, {mood}", slots=slots)
    assert use(api(bo), template, {"who": "@Cy", "mood": "and @cy again"}).status_code == 202
    seen = api(cy).get(f"/v1/cameos/{face.pk}/appearances").json()["items"]
    assert [one["prompt"] for one in seen] == ["@cy in a very secret garden, and @cy again"]


def test_a_refused_cast_quotes_no_sealed_words_and_names_whom_one_named(ada, bo, api):
    slots = [Slot("who", kind="cast", optional=True), Slot("place")]
    template = sealed_by(ada, prompt="{who} in {place}land with @zed_hidden", slots=slots)
    client = api(bo)
    before = fingerprint()
    answer = use(client, template, {"place": "never"})
    assert errors_of(answer) == {"cast": ["cast_not_allowed"]}
    assert answer.json()["detail"] == "Not everybody in the cast may be cast by you."
    assert "zed_hidden" not in answer.content.decode()
    answer = use(client, template, {"place": "@q"})
    assert errors_of(answer) == {"slots": ["sealed_template"]}
    assert "land" not in answer.content.decode()
    answer = use(client, template, {"place": "never", "who": "@Nobody_here"})
    assert errors_of(answer) == {"cast": ["cast_not_allowed"]}
    assert answer.json()["detail"] == "There is no @nobody_here whom you may cast."
    assert fingerprint() == before


def test_a_refusal_of_sealed_words_names_neither_rule_nor_place(ada, bo):
    post = cast.shown(ada, prompt="a guide", prompt_visibility="private")
    template = cast.template(ada, of=post, prompt="the best methods, {what}", slots=[Slot("what")])
    job = used(bo, template, {"what": "suicide"})
    assert job.status == "refused"
    assert (job.refusal["rule"], job.refusal["span"]) == ("lineage", None)
    own = used(bo, template, {"what": "how to commit suicide"})
    assert own.refusal["rule"] == "self_harm"


def test_a_post_of_sealed_words_is_no_template_for_who_may_not_read_them(sealed, bo, api):
    post = published(bo, used(bo, sealed))
    client = api(bo)
    before = fingerprint()
    answer = client.post("/v1/templates", {"post_id": str(post.pk), "title": "Mine now"})
    assert (answer.status_code, answer.json()["code"]) == (409, "no_recipe")
    assert fingerprint() == before


def test_a_reroll_of_sealed_words_stays_sealed(sealed, bo):
    job = submitting.reroll(bo, used(bo, sealed).pk)
    assert job.is_sealed
    assert job.told["prompt"] is None


def test_an_open_prompt_is_read_though_it_is_locked(ada, bo, api):
    template = cast.template(ada)
    assert api(bo).get(f"/v1/templates/{template.pk}").json()["prompt"] == cast.RECIPE["prompt"]
    assert not used(bo, template).is_sealed


# versions


def test_an_edit_makes_a_version_and_old_jobs_keep_theirs(ada, bo, api):
    template = cast.template(ada)
    first = used(bo, template)
    answer = api(ada).patch(f"/v1/templates/{template.pk}", {"title": "Beasts", "prompt": "{animal}! {mood}"})
    assert (answer.json()["version"], answer.json()["title"], answer.json()["style"]) == (2, "Beasts", "noir")
    second = used(bo, template)
    assert (first.template_version.number, first.prompt) == (1, "a dog in the rain, slow and blue")
    assert (second.template_version.number, second.prompt) == (2, "dog! slow and blue")
    again = submitting.reroll(bo, first.pk)
    kept = ("template_version_id", "prompt", "filled")
    assert [getattr(again, name) for name in kept] == [getattr(first, name) for name in kept]
    assert again.sources.get().kind == "template"
    client = api(bo)
    before = fingerprint()
    late = use(client, template, {"animal": "dog"}, version=1)
    assert (late.status_code, late.json()["code"]) == (409, "template_changed")
    assert fingerprint() == before
    assert client.get(f"/v1/generations/{first.pk}").json()["template"]["title"] == "A pet in the rain"


def test_a_wrong_edit_changes_nothing_and_others_may_not(ada, bo, api):
    template = cast.template(ada)
    clients = {"ada": api(ada), "bo": api(bo)}
    before = fingerprint()
    answer = clients["ada"].patch(f"/v1/templates/{template.pk}", {"slots": []})
    assert errors_of(answer) == {"prompt": ["unknown_slot"] * 2}
    assert clients["bo"].patch(f"/v1/templates/{template.pk}", {"title": "Mine"}).status_code == 403
    assert clients["bo"].delete(f"/v1/templates/{template.pk}").status_code == 403
    assert fingerprint() == before


def test_edits_and_uses_at_once_each_get_a_whole_version(committed, at_once):
    ada, people = cast.person("ada"), [cast.person(f"p{number}") for number in range(4)]
    template = cast.template(ada)

    def act(number):
        if number % 2:
            prompt = f"number {number}: {{animal}}, {{mood}}"
            return authoring.edit_template(ada, template.pk, prompt=prompt, title=f"T{number}")
        return used(people[number // 2], template)

    made = at_once(act, 8)
    assert [one for one in made if isinstance(one, Exception)] == []
    versions = {version.pk: version for version in TemplateVersion.objects.all()}
    assert sorted(version.number for version in versions.values()) == [1, 2, 3, 4, 5]
    template.refresh_from_db()
    assert template.current.number == 5
    for job in Generation.objects.exclude(owner=ada):
        version = versions[job.template_version_id]
        assert job.prompt == version.prompt.replace("{animal}", "dog").replace("{mood}", "slow and blue")


def test_withdrawing_and_using_at_once_leaves_no_use_after_it(committed, at_once):
    ada = cast.person("ada")
    people = [cast.person(f"p{number}") for number in range(7)]
    template = cast.template(ada)

    def act(number):
        if number == 3:
            return authoring.withdraw_template(ada, template.pk)
        return used(people[number if number < 3 else number - 1], template)

    made = at_once(act, 8)
    wrong = [one for one in made if isinstance(one, Exception)]
    assert {getattr(one, "code", repr(one)) for one in wrong} <= {"template_withdrawn"}
    template.refresh_from_db()
    assert template.withdrawn_at is not None
    jobs = Generation.objects.exclude(owner=ada)
    assert jobs.count() == 7 - len(wrong)
    with pytest.raises(Conflict):
        used(people[0], template)


def test_two_templates_of_one_post_at_once_are_one(committed, at_once):
    ada = cast.person("ada")
    post = cast.shown(ada, prompt="a cat")
    made = at_once(lambda _: cast.template(ada, of=post), 6)
    assert [getattr(one, "code", "made") for one in made].count("made") == 1
    assert Template.objects.count() == TemplateVersion.objects.count() == 1


# no longer to be had


def test_a_withdrawn_template_takes_no_uses_and_keeps_its_credit(ada, bo, api):
    template = cast.template(ada)
    job = used(bo, template)
    post = published(bo, job)
    authoring.withdraw_template(ada, template.pk)
    authoring.withdraw_template(ada, template.pk)
    client = api(bo)
    before = fingerprint()
    answer = use(client, template, {"animal": "dog"})
    assert (answer.status_code, answer.json()["code"]) == (409, "template_withdrawn")
    again = client.post(f"/v1/generations/{job.pk}/reroll")
    assert (again.status_code, again.json()["code"]) == (409, "template_withdrawn")
    assert fingerprint() == before
    shown = client.get(f"/v1/templates/{template.pk}").json()
    assert (shown["withdrawn"], shown["viewer"]) == (True, {"may_use": False})
    assert client.get("/v1/templates").json()["items"] == []
    assert client.get(f"/v1/posts/{post.pk}").json()["template"]["id"] == str(template.pk)
    with pytest.raises(Conflict):
        authoring.edit_template(ada, template.pk, title="again")


HIDDEN = {
    "deleted": lambda ada, post: posting.delete_post(ada, post.pk),
    "private": lambda ada, post: posting.edit_post(ada, post.pk, visibility="private"),
    "behind a wall": lambda ada, post: ties.block(ada, "bo"),
}


@pytest.mark.parametrize("hidden", HIDDEN)
def test_a_template_of_a_post_that_one_may_not_see_is_as_one_that_is_not_there(hidden, ada, bo, api):
    template = cast.template(ada)
    waiting = used(bo, template)
    draft = finished(used(bo, template)).drafts.get()
    HIDDEN[hidden](ada, template.post)
    client = api(bo)
    before = fingerprint()
    said = []
    for pk in (template.pk, template.pk + 1):
        for answer in (
            client.get(f"/v1/templates/{pk}"),
            client.post(f"/v1/templates/{pk}/use", {"slots": {"animal": "dog"}}),
            client.patch(f"/v1/templates/{pk}", {"title": "x"}),
            client.delete(f"/v1/templates/{pk}"),
        ):
            body = answer.json()
            body.pop("request_id")
            said.append((answer.status_code, body))
    assert said[:4] == said[4:]
    assert {status for status, _ in said} == {404}
    assert client.get("/v1/templates").json()["items"] == []
    assert client.post(f"/v1/drafts/{draft.pk}/publish", {}).status_code == 404
    assert fingerprint() == before
    generating.render(waiting.pk)
    waiting.refresh_from_db()
    assert (waiting.status, waiting.refusal["rule"]) == ("refused", "source_unavailable")
    assert Hold.objects.get(pk=waiting.hold_id).state == "released"


def test_who_may_not_remix_may_not_use(ada, bo, api):
    template = cast.template(ada, of=cast.shown(ada, remix_policy="mutuals"))
    client = api(bo)
    before = fingerprint()
    answer = use(client, template, {"animal": "dog"})
    assert (answer.status_code, answer.json()["code"]) == (403, "remix_not_allowed")
    assert fingerprint() == before
    assert client.get(f"/v1/templates/{template.pk}").json()["viewer"] == {"may_use": False}
    ties.follow(ada, "bo")
    ties.follow(bo, "ada")
    assert use(client, template, {"animal": "dog"}).status_code == 202


# credit


def test_what_is_made_with_it_has_an_edge_and_the_credit(ada, bo, cy, api, settle):
    template = cast.template(ada)
    post = published(bo, used(bo, template))
    settle()
    edge = Edge.objects.get(derivation=post)
    assert (edge.source_id, edge.kind) == (template.post_id, "template")
    credit = {"id": str(template.pk), "version": 1, "title": "A pet in the rain"}
    assert api(cy).get(f"/v1/posts/{post.pk}").json()["template"] == credit
    assert api(cy).get(f"/v1/posts/{template.post_id}").json()["template"] is None
    assert api(cy).get(f"/v1/posts/{template.post_id}").json()["lineage"]["remix_count"] == 1
    authoring.edit_template(ada, template.pk, title="Another name")
    assert api(cy).get(f"/v1/posts/{post.pk}").json()["template"] == credit


def test_across_a_wall_nothing_is_told_of_the_template_and_its_author(ada, bo, cy, api):
    template = cast.template(ada)
    job = used(bo, template)
    post = published(bo, job)
    ties.block(ada, "cy")
    shown = api(cy).get(f"/v1/posts/{post.pk}")
    assert shown.json()["template"] is None
    assert str(template.pk) not in shown.content.decode()
    assert "A pet in the rain" not in shown.content.decode()
    ties.block(ada, "bo")
    for path in (f"/v1/generations/{job.pk}", f"/v1/drafts/{job.drafts.get().pk}", f"/v1/posts/{post.pk}"):
        told = api(bo).get(path)
        assert told.json()["template"] is None
        assert not re.search(r"\bada\b", told.content.decode())


def test_uses_are_counted_in_all_and_people_once(ada, bo, cy, api, settle):
    template = cast.template(ada)
    for person in (ada, bo, bo, cy):
        finished(used(person, template))
    used(cy, template)  # nothing came of it yet
    settle()
    template.refresh_from_db()
    assert (template.use_count, template.person_count) == (4, 2)
    assert TemplateUser.objects.filter(template=template).count() == 2
    assert api(bo).get(f"/v1/templates/{template.pk}").json()["counts"] == {"uses": 4, "people": 2}


def test_the_author_hears_once_of_all_who_used_it_and_not_across_a_wall(ada, bo, cy, api, settle):
    template = cast.template(ada)
    own = published(ada, used(ada, template))
    posts = [published(person, used(person, template)) for person in (bo, cy)]
    published(bo, used(bo, template), visibility="private")
    settle()

    def heard():
        shown = api(ada).get("/v1/notifications").json()["items"]
        return [(one["text"], one["actor_count"], one["about"]) for one in shown if one["type"] == "template"]

    about = {"post_id": str(template.post_id), "remix_id": str(posts[1].pk)}
    assert heard() == [("cy and bo used your template.", 2, about)]
    ties.block(cy, "ada")
    assert heard() == [("bo used your template.", 1, {**about, "remix_id": str(posts[0].pk)})]
    assert own.template["id"] == str(template.pk)


# lists


def test_lists_give_what_most_people_used_or_the_newest_or_mine(ada, bo, cy, api, settle):
    first = cast.template(ada, title="Cats in the rain")
    second = cast.template(bo, title="Dogs in snow")
    third = cast.template(bo, title="雨夜里的猫")
    finished(used(cy, first))
    settle()
    client = api(cy)

    def listed(query="", who=client):
        return [item["id"] for item in who.get(f"/v1/templates{query}").json()["items"]]

    assert listed() == [str(template.pk) for template in (first, third, second)]
    assert listed("?sort=new") == [str(template.pk) for template in (third, second, first)]
    assert listed("?q=snow") == listed()  # /v1/search is where one looks for titles
    assert listed("?mine=true", api(bo)) == [str(third.pk), str(second.pk)]
    assert listed("?mine=true") == []
    page = client.get("/v1/templates?limit=2").json()
    rest = client.get(f"/v1/templates?limit=2&cursor={page['next']}").json()
    assert [item["id"] for item in (*page["items"], *rest["items"])] == listed()
    assert rest["next"] is None
    ties.mute(cy, "ada")
    assert listed() == [str(third.pk), str(second.pk)]


@pytest.mark.parametrize("rows", [10, 50])
def test_a_list_costs_the_same_for_10_and_50(rows, ada, bo):
    for number in range(rows):
        cast.template(ada if number < 10 else cast.person(f"author{number}"))
    with CaptureQueriesContext(connection) as asked:
        page = reading.templates_page(bo, mine=False, sort="popular", cursor="", limit=50)
    assert len(page.items) == rows
    assert len(asked) == 3


def test_a_removed_template_is_not_there(ada, bo):
    template = cast.template(ada)
    Template.objects.update(removed_at=template.created_at)
    for person in (ada, bo):
        with pytest.raises(NotFound):
            reading.template_for(person, template.pk)
        with pytest.raises(NotFound):
            used(person, template)


def test_the_same_key_makes_one_job(ada, bo, api):
    template = cast.template(ada)
    client = api(bo)
    answers = [
        client.post(
            f"/v1/templates/{template.pk}/use", {"slots": {"animal": "dog"}}, headers={"Idempotency-Key": "one tap"}
        )
        for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    assert Generation.objects.filter(owner=bo).count() == 1


@pytest.mark.usefixtures("media_folder")
def test_a_real_job_of_a_template_becomes_a_post_with_its_credit(ada, bo, api, settle, settings):
    settings.PROVIDER = "tests.studio.makers.Quick"
    template = cast.template(ada, **face(), of=cast.shown(ada, prompt="somebody walks", seconds=5))
    cast.cameo(bo, audience="only_me", portrait_key="")
    client = api(bo)
    job = use(client, template, {"who": "@bo"}, variations=2).json()
    generating.render(int(job["id"]))
    job = client.get(f"/v1/generations/{job['id']}").json()
    assert job["status"] == "completed"
    assert [draft["template"]["title"] for draft in job["drafts"]] == ["A pet in the rain"] * 2
    answer = client.post(f"/v1/drafts/{job['drafts'][0]['id']}/publish", {"caption": "me"})
    assert answer.status_code == 201, answer.content
    assert answer.json()["template"] == {"id": str(template.pk), "version": 1, "title": "A pet in the rain"}
    assert [member["handle"] for member in answer.json()["cast"]] == ["bo"]
    settle()
    lineage = api(ada).get(f"/v1/posts/{answer.json()['id']}/lineage").json()
    assert lineage["lineage"]["sources"] == [{"post_id": str(template.post_id), "kind": "template"}]
    assert [ancestor["post_id"] for ancestor in lineage["ancestors"]] == [str(template.post_id)]
    assert api(ada).get(f"/v1/templates/{template.pk}").json()["counts"] == {"uses": 1, "people": 1}
