"""Co-creators of a draft: who may be invited, what they see, what an answer does, and what nobody learns of it."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cameos import consent, requesting
from cameos.models import CastRequest
from sora_social.accounts import people, ties
from sora_social.accounts.models import Block, User
from sora_social.core.errors import DomainError
from sora_social.posts import posting
from sora_social.studio import cocreating, drafts, generating, publishing, withdrawing
from sora_social.studio.models import CoCreator, Draft, DraftStatus
from sora_social.studio.templates import using
from tests import cast
from tests.access.scene import fingerprint

WORDS = {"caption": "", "visibility": "public", "remix_policy": "everyone", "prompt_visibility": "public"}


@pytest.fixture
def draft(ada):
    return cast.finished_job(ada).drafts.get()


@pytest.fixture
def guests(ada, bo, cy):
    cast.mutuals(ada, bo, cy)
    return bo, cy


def refusal(act, *words):
    """The code with which an act is refused, after which nothing is different."""
    before = fingerprint()
    with pytest.raises(DomainError) as refused:
        act(*words)
    assert fingerprint() == before
    return refused.value.code


def circle(api, person, draft):
    answer = api(person).get(f"/v1/drafts/{draft.pk}/co-creators")
    if answer.status_code != 200:
        return answer.status_code
    body = answer.json()
    names = {item["person"]["handle"]: item["state"] for item in body["items"]}
    return names, body["vetoed"], body["viewer"]["state"]


# invited


def test_the_owner_invites_mutuals_and_each_is_told(ada, guests, draft, api, settle):
    bo, _ = guests
    for _ in range(2):
        assert api(ada).put(f"/v1/drafts/{draft.pk}/co-creators/bo").status_code == 204
    assert api(ada).put(f"/v1/drafts/{draft.pk}/co-creators/cy").status_code == 204
    assert circle(api, ada, draft) == ({"bo": "invited", "cy": "invited"}, False, None)
    assert circle(api, bo, draft) == ({"bo": "invited", "cy": "invited"}, False, "invited")
    body = api(bo).get(f"/v1/drafts/{draft.pk}/co-creators").json()
    assert (body["owner"]["handle"], body["next"]) == ("ada", None)
    settle()
    [told] = [item for item in api(bo).get("/v1/notifications").json()["items"] if item["type"] == "co_creator_invite"]
    assert (told["text"], told["about"]) == ("ada invited you into a draft.", {"draft_id": str(draft.pk)})


@pytest.mark.parametrize("tie", ["strangers", "follows", "followed"])
@pytest.mark.parametrize(("age", "other_age"), [(30, 30), (30, 15), (15, 30), (15, 15)])
def test_who_is_no_mutual_is_not_invited_least_of_all_a_teen(tie, age, other_age, db):
    owner, other = cast.person("owner", age=age), cast.person("other", age=other_age)
    if tie == "follows":
        ties.follow(owner, "other")
    if tie == "followed":
        ties.follow(other, "owner")
    made = cast.finished_job(owner).drafts.get()
    assert refusal(cocreating.invite, owner, made.pk, "other") == "co_creator_not_allowed"


@pytest.mark.parametrize(("age", "other_age"), [(30, 15), (15, 30), (15, 15)])
def test_a_teen_and_their_mutuals_invite_each_other(age, other_age, db):
    owner, other = cast.person("owner", age=age), cast.person("other", age=other_age)
    cast.mutuals(owner, other)
    made = cast.finished_job(owner).drafts.get()
    cocreating.invite(owner, made.pk, "other")
    assert CoCreator.objects.get().person == other


def test_nobody_invites_who_is_not_there_for_them_nor_oneself(ada, guests, draft):
    bo, cy = guests
    ties.block(bo, "ada")
    people.set_active(cy.pk, active=False)
    codes = [refusal(cocreating.invite, ada, draft.pk, handle) for handle in ("bo", "cy", "nobody.at.all", "ada")]
    assert codes == ["not_found", "not_found", "not_found", "invalid"]


@pytest.fixture(params=["a face in it", "a source of it", "the template of it"])
def work_of_cy(request, ada, cy):
    """A draft of ada's with something of cy in it."""
    if request.param == "a face in it":
        words = {"cast": [str(cast.cameo(cy, audience="everyone").pk)]}
    else:
        kind = {"a source of it": "remix", "the template of it": "template"}[request.param]
        words = {"sources": [publishing.Source(cast.post(cy).pk, kind)]}
    return cast.finished_job(ada, **words).drafts.get()


WALLS = {
    "theirs": lambda bo: ties.block(bo, "cy"),
    "the other's": lambda bo: ties.block(User.objects.get(handle="cy"), "bo"),
}


@pytest.mark.parametrize("whose", WALLS)
def test_who_is_across_a_wall_from_what_went_into_it_is_not_invited(whose, ada, bo, work_of_cy):
    cast.mutuals(ada, bo)
    WALLS[whose](bo)
    assert refusal(cocreating.invite, ada, work_of_cy.pk, "bo") == "co_creator_not_allowed"
    Block.objects.all().delete()
    cocreating.invite(ada, work_of_cy.pk, "bo")
    assert CoCreator.objects.get().person == bo


@pytest.mark.parametrize("whose", WALLS)
def test_a_wall_to_what_went_into_it_shuts_a_draft_and_takes_the_credit(whose, ada, bo, work_of_cy, api):
    cast.invited_into(work_of_cy, bo, accepting=True)
    assert Draft.objects.playable_by(bo).get() == work_of_cy
    WALLS[whose](bo)
    assert api(bo).get(f"/v1/drafts/{work_of_cy.pk}").status_code == 404
    assert api(bo).get("/v1/drafts/invitations").json()["items"] == []
    assert not Draft.objects.playable_by(bo).exists()
    assert circle(api, bo, work_of_cy) == 404
    assert circle(api, ada, work_of_cy) == ({}, False, None)
    for act in (cocreating.accept, cocreating.veto):
        assert refusal(act, bo, work_of_cy.pk) == "not_found"
    assert publishing.publish_draft(ada, work_of_cy.pk, **WORDS).credit_count == 0


def test_there_are_eight_at_most(ada, draft):
    crowd = [cast.person(f"guest{number}") for number in range(9)]
    cast.invited_into(draft, *crowd[:8])
    cast.mutuals(ada, crowd[8])
    assert refusal(cocreating.invite, ada, draft.pk, "guest8") == "co_creators_full"
    cocreating.end(ada, draft.pk, "guest0")
    cocreating.invite(ada, draft.pk, "guest8")
    people.set_active(crowd[1].pk, active=False)  # who is suspended takes no place
    cocreating.invite(ada, draft.pk, "guest0")
    assert CoCreator.objects.count() == 9


@pytest.mark.parametrize(
    ("status", "code"),
    [("posted", "already_posted"), ("withdrawn", "draft_withdrawn"), ("refused", "draft_not_ready")],
)
def test_only_what_may_still_be_published_is_for_others(status, code, ada, guests, draft):
    bo, _ = guests
    cocreating.invite(ada, draft.pk, "bo")
    Draft.objects.filter(pk=draft.pk).update(status=status)
    acts = [(cocreating.invite, ada, draft.pk, "cy"), (cocreating.end, ada, draft.pk, "bo")]
    acts += [(cocreating.accept, bo, draft.pk), (cocreating.veto, bo, draft.pk), (cocreating.end, bo, draft.pk, "bo")]
    assert [refusal(*act) for act in acts] == [code] * 5


def test_only_the_owner_invites_and_takes_back(ada, guests, draft, mallory):
    bo, cy = guests
    cast.mutuals(mallory, cy)
    cocreating.invite(ada, draft.pk, "bo")
    assert refusal(cocreating.invite, mallory, draft.pk, "cy") == "not_found"
    assert refusal(cocreating.end, mallory, draft.pk, "bo") == "not_found"
    assert refusal(cocreating.invite, bo, draft.pk, "cy") == "not_found"
    assert refusal(cocreating.end, bo, draft.pk, "cy") == "forbidden"
    assert refusal(cocreating.accept, cy, draft.pk) == "not_found"
    assert refusal(cocreating.veto, cy, draft.pk) == "not_found"
    assert refusal(cocreating.accept, ada, draft.pk) == "not_found"
    assert refusal(cocreating.end, ada, draft.pk, "ada") == "not_found"


@pytest.mark.parametrize("who", ["ada", "bo"])
def test_an_invitation_is_taken_back_or_left_and_all_is_shut_again(who, ada, guests, draft, api):
    bo, _ = guests
    cocreating.invite(ada, draft.pk, "bo")
    client = api({"ada": ada, "bo": bo}[who])
    assert client.delete(f"/v1/drafts/{draft.pk}/co-creators/bo").status_code == 204
    assert client.delete(f"/v1/drafts/{draft.pk}/co-creators/bo").status_code == (204 if who == "ada" else 404)
    assert circle(api, ada, draft) == ({}, False, None)
    assert circle(api, bo, draft) == 404
    assert api(bo).get(f"/v1/drafts/{draft.pk}").status_code == 404
    assert api(bo).get("/v1/drafts/invitations").json()["items"] == []


# watched


@pytest.fixture
def files(tmp_path, settings, draft):
    backend = "django.core.files.storage.FileSystemStorage"
    options = {"location": str(tmp_path / "media"), "base_url": None}
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": backend, "OPTIONS": options}}
    default_storage.save(draft.clip.video_key, ContentFile(b"the bytes of a clip"))
    return draft


def played(api, url):
    return api(None).get(url.removeprefix("http://127.0.0.1:8000")).status_code


def test_who_is_invited_watches_and_nobody_else(ada, guests, files, api, mallory):
    bo, cy = guests
    cocreating.invite(ada, files.pk, "bo")
    seen = api(bo).get(f"/v1/drafts/{files.pk}").json()
    own = api(ada).get(f"/v1/drafts/{files.pk}").json()
    assert seen["status"] == "ready"
    assert seen["media"]["url"] != own["media"]["url"]  # a link of one's own
    assert played(api, seen["media"]["url"]) == played(api, own["media"]["url"]) == 200
    for nobody in (cy, mallory):
        assert api(nobody).get(f"/v1/drafts/{files.pk}").status_code == 404
    assert api(None).get(f"/v1/drafts/{files.pk}").status_code == 401
    assert api(bo).get("/v1/drafts").json()["items"] == []  # those are mine alone
    assert api(bo).delete(f"/v1/drafts/{files.pk}").status_code == 404
    assert api(bo).get(f"/v1/generations/{files.generation_id}").status_code == 404
    assert api(bo).post(f"/v1/drafts/{files.pk}/publish", {}).status_code == 404


ENDINGS = {
    "the invitation is taken back": lambda ada, bo, draft: cocreating.end(ada, draft.pk, "bo"),
    "they leave": lambda ada, bo, draft: cocreating.end(bo, draft.pk, "bo"),
    "they veto": lambda ada, bo, draft: cocreating.veto(bo, draft.pk),
    "a block": lambda ada, bo, draft: ties.block(ada, "bo"),
    "their block": lambda ada, bo, draft: ties.block(bo, "ada"),
    "the owner is suspended": lambda ada, bo, draft: people.set_active(ada.pk, active=False),
    "they are suspended": lambda ada, bo, draft: people.set_active(bo.pk, active=False),
    "it is thrown away": lambda ada, bo, draft: drafts.delete_draft(ada, draft.pk),
    "it is posted": lambda ada, bo, draft: publishing.publish_draft(ada, draft.pk, **WORDS),
}


@pytest.mark.parametrize("how", ENDINGS)
def test_a_link_is_dead_at_once_when(how, ada, guests, files, api):
    bo, _ = guests
    cocreating.invite(ada, files.pk, "bo")
    client = api(bo)
    url = client.get(f"/v1/drafts/{files.pk}").json()["media"]["url"]
    assert played(api, url) == 200
    ENDINGS[how](ada, bo, files)
    assert played(api, url) == 404
    assert client.get(f"/v1/drafts/{files.pk}").status_code in {404, 401, 403}


def test_invitations_are_listed_with_what_may_be_watched(ada, guests, draft, api, cy):
    bo, _ = guests
    other = cast.invited_into(cast.finished_job(cy).drafts.get(), bo)
    cocreating.invite(ada, draft.pk, "bo")
    cocreating.veto(bo, other.pk)

    def listed(**query):
        page = api(bo).get("/v1/drafts/invitations", query).json()
        rows = [
            (item["owner"]["handle"], item["state"], item["draft"]["media"] is not None, item["draft"]["id"])
            for item in page["items"]
        ]
        return rows, page["next"]

    both = [("ada", "invited", True, str(draft.pk)), ("cy", "vetoed", False, str(other.pk))]
    assert listed() == (both, None)
    first, following = listed(limit=1)
    assert first == both[:1]
    assert listed(limit=1, cursor=following) == (both[1:], None)
    cocreating.accept(bo, other.pk)
    assert listed()[0][1] == ("cy", "accepted", True, str(other.pk))
    publishing.publish_draft(cy, other.pk, **WORDS)
    assert listed() == (both[:1], None)


def test_a_page_of_invitations_costs_the_same_for_two_and_twelve(bo, api):
    def invite(number):
        owner = cast.person(f"owner{number}")
        face = cast.cameo(owner, audience="everyone")
        source = cast.post(owner)
        job = cast.finished_job(owner, cast=[str(face.pk)], sources=[publishing.Source(source.pk, "remix")])
        cast.invited_into(job.drafts.get(), bo)

    def cost():
        with CaptureQueriesContext(connection) as queries:
            items = client.get("/v1/drafts/invitations").json()["items"]
        assert all(item["draft"]["cast"] and item["draft"]["sources"][0]["post_id"] for item in items)
        return len(items), len(queries)

    client = api(bo)
    for number in range(2):
        invite(number)
    cost()
    few = cost()
    for number in range(2, 12):
        invite(number)
    assert (few[0], cost()) == (2, (12, few[1]))


def test_sources_that_a_guest_may_not_know_of_have_no_id(ada, bo, cy, api):
    secret, public = cast.post(cy), cast.post(cy)
    sources = [publishing.Source(secret.pk, "stitch", 0), publishing.Source(public.pk, "stitch", 1)]
    made = cast.finished_job(ada, sources=sources).drafts.get()
    posting.edit_post(cy, secret.pk, visibility="private")
    cast.invited_into(made, bo)
    assert [row["post_id"] for row in api(bo).get(f"/v1/drafts/{made.pk}").json()["sources"]] == [None, str(public.pk)]
    [item] = api(bo).get("/v1/drafts/invitations").json()["items"]
    assert [row["post_id"] for row in item["draft"]["sources"]] == [None, str(public.pk)]


def test_what_the_owner_put_into_a_template_is_not_for_guests(ada, bo, cy, api):
    template = cast.template(cy)
    job = using.use(ada, template.pk, slots={"animal": "fox"}, changes={})
    claimed = generating.claim(job.pk)
    assert generating._complete(claimed, [cast.clip()])
    made = cast.invited_into(job.drafts.get(), bo)
    path = f"/v1/drafts/{made.pk}"
    own = api(ada).get(path).json()["template"]
    assert (own["id"], own["slots"]["animal"]) == (str(template.pk), "fox")
    assert api(bo).get(path).json()["template"] == {**own, "slots": None}
    [item] = api(bo).get("/v1/drafts/invitations").json()["items"]
    assert item["draft"]["template"] == {**own, "slots": None}


# with a cast


def test_while_its_cast_is_asked_a_draft_is_its_owners_alone_to_watch(ada, bo, cy, files, api):
    face = cast.cameo(cy, audience="everyone", ask_first=True)
    made = cast.finished_job(ada, cast=[str(face.pk)]).drafts.get()
    default_storage.save(made.clip.video_key, ContentFile(b"the bytes of a face"))
    cast.invited_into(made, bo)
    seen = api(bo).get(f"/v1/drafts/{made.pk}").json()
    assert (seen["status"], seen["media"]) == ("awaiting_cast", None)
    assert not Draft.objects.playable_by(bo).filter(pk=made.pk).exists()
    assert Draft.objects.playable_by(ada).filter(pk=made.pk).exists()
    requesting.approve(cy, CastRequest.objects.get().pk)
    Draft.objects.filter(pk=made.pk).update(status=DraftStatus.READY)
    assert played(api, api(bo).get(f"/v1/drafts/{made.pk}").json()["media"]["url"]) == 200


@pytest.mark.parametrize("how", ["revoked", "a wall"])
def test_a_draft_whose_cast_does_not_allow_it_is_not_there_for_guests(how, ada, bo, cy, api):
    face = cast.cameo(cy, audience="everyone")
    made = cast.invited_into(cast.finished_job(ada, cast=[str(face.pk)]).drafts.get(), bo)
    assert api(bo).get(f"/v1/drafts/{made.pk}").status_code == 200
    if how == "revoked":
        consent.revoke(cy, face.pk, mode=consent.Mode.FUTURE_ONLY)
    else:
        ties.block(cy, "bo")
    assert api(bo).get(f"/v1/drafts/{made.pk}").status_code == 404
    assert api(bo).get("/v1/drafts/invitations").json()["items"] == []
    assert not Draft.objects.playable_by(bo).exists()
    assert circle(api, bo, made) == 404
    assert refusal(cocreating.accept, bo, made.pk) == "not_found"


# answered


def test_who_accepts_is_credited_and_who_does_not_answer_is_not(ada, guests, draft, api):
    bo, _ = guests
    for handle in ("bo", "cy"):
        cocreating.invite(ada, draft.pk, handle)
    for _ in range(2):
        assert api(bo).post(f"/v1/drafts/{draft.pk}/co-creators/accept").status_code == 204
    assert circle(api, ada, draft) == ({"bo": "accepted", "cy": "invited"}, False, None)
    shown = api(ada).post(f"/v1/drafts/{draft.pk}/publish", {}).json()
    assert shown["co_creators"] == [{"id": str(bo.pk), "handle": "bo", "display_name": "bo", "avatar_url": None}]
    assert refusal(cocreating.veto, bo, draft.pk) == "already_posted"


def test_the_credits_are_in_the_order_of_the_invitations(ada, guests, draft, api):
    for handle in ("cy", "bo"):
        cocreating.invite(ada, draft.pk, handle)
    for guest in guests:  # bo first
        cocreating.accept(guest, draft.pk)
    shown = api(ada).post(f"/v1/drafts/{draft.pk}/publish", {}).json()
    assert [one["handle"] for one in shown["co_creators"]] == ["cy", "bo"]


def test_a_veto_stops_it_until_it_is_taken_back(ada, guests, draft, api):
    bo, cy = guests
    cocreating.invite(ada, draft.pk, "bo")
    cocreating.invite(ada, draft.pk, "cy")
    for _ in range(2):
        assert api(bo).post(f"/v1/drafts/{draft.pk}/co-creators/veto").status_code == 204
    cocreating.veto(cy, draft.pk)
    cocreating.accept(cy, draft.pk)  # one of two
    answer = api(ada).post(f"/v1/drafts/{draft.pk}/publish", {})
    assert (answer.status_code, answer.json()["code"]) == (409, "vetoed")
    assert refusal(lambda: publishing.publish_draft(ada, draft.pk, **WORDS)) == "vetoed"
    cocreating.accept(bo, draft.pk)
    shown = api(ada).post(f"/v1/drafts/{draft.pk}/publish", {}).json()
    assert [one["handle"] for one in shown["co_creators"]] == ["bo", "cy"]


def test_who_leaves_takes_their_veto_with_them(ada, guests, draft):
    bo, _ = guests
    cocreating.invite(ada, draft.pk, "bo")
    cocreating.veto(bo, draft.pk)
    cocreating.end(bo, draft.pk, "bo")
    assert publishing.publish_draft(ada, draft.pk, **WORDS).credit_count == 0


def test_a_wall_or_a_suspension_ends_an_acceptance_and_it_does_not_come_back(ada, guests, draft):
    bo, cy = guests
    for guest in guests:
        cocreating.invite(ada, draft.pk, guest.handle)
        cocreating.accept(guest, draft.pk)
    people.set_active(cy.pk, active=False)
    ties.block(bo, "ada")
    ties.unblock(bo, "ada")
    cast.mutuals(ada, bo)
    assert refusal(cocreating.veto, bo, draft.pk) == "not_found"
    assert publishing.publish_draft(ada, draft.pk, **WORDS).credit_count == 0


def test_an_owner_who_blocks_one_after_the_other_neither_learns_whose_veto_it_is_nor_gets_rid_of_it(
    ada, guests, draft, api
):
    bo, _ = guests
    for handle in ("bo", "cy"):
        cocreating.invite(ada, draft.pk, handle)
    cocreating.veto(bo, draft.pk)
    ties.block(ada, "cy")
    assert circle(api, ada, draft) == ({"bo": None}, True, None)
    ties.block(ada, "bo")
    ties.unblock(ada, "bo")
    ties.unblock(ada, "cy")
    cast.mutuals(ada, *guests)
    assert circle(api, ada, draft) == ({}, True, None)
    assert refusal(cocreating.invite, ada, draft.pk, "bo") == "vetoed"
    assert refusal(lambda: publishing.publish_draft(ada, draft.pk, **WORDS)) == "vetoed"
    for guest in guests:  # what a block ended is over for both
        assert refusal(cocreating.accept, guest, draft.pk) == "not_found"
    drafts.delete_draft(ada, draft.pk)


VETO_OUTLIVES = {
    "their block": lambda bo: ties.block(bo, "ada"),
    "their suspension": lambda bo: people.set_active(bo.pk, active=False),
    **{f"a wall to a source, {whose}": wall for whose, wall in WALLS.items()},
}


@pytest.mark.parametrize("how", VETO_OUTLIVES)
def test_a_veto_outlives(how, ada, bo, cy, api):
    dee = cast.person("dee")
    source = publishing.Source(cast.post(cy).pk, "remix")
    made = cast.invited_into(cast.finished_job(ada, sources=[source]).drafts.get(), bo, dee)
    cocreating.veto(bo, made.pk)
    VETO_OUTLIVES[how](bo)
    assert refusal(cocreating.accept, bo, made.pk) == "not_found"
    cocreating.veto(dee, made.pk)
    cocreating.accept(dee, made.pk)  # takes back no veto but their own
    assert circle(api, ada, made) == ({"dee": None}, True, None)
    assert refusal(lambda: publishing.publish_draft(ada, made.pk, **WORDS)) == "vetoed"


def test_who_is_reinstated_takes_their_veto_back(ada, guests, draft):
    bo, _ = guests
    cocreating.invite(ada, draft.pk, "bo")
    cocreating.veto(bo, draft.pk)
    for active in (False, True):
        people.set_active(bo.pk, active=active)
    cocreating.accept(bo, draft.pk)
    assert publishing.publish_draft(ada, draft.pk, **WORDS).credit_count == 1


def test_a_post_taken_back_in_its_undo_window_is_a_draft_with_its_co_creators_again(ada, guests, draft, settle, api):
    bo, _ = guests
    cocreating.invite(ada, draft.pk, "bo")
    cocreating.accept(bo, draft.pk)
    post = publishing.publish_draft(ada, draft.pk, undo_s=60, **WORDS)
    posting.undo_post(ada, post.pk)
    settle()
    assert circle(api, ada, draft) == ({"bo": "accepted"}, False, None)
    cocreating.veto(bo, draft.pk)
    assert refusal(lambda: publishing.publish_draft(ada, draft.pk, **WORDS)) == "vetoed"


def test_a_draft_withdrawn_by_its_cast_stays_so_whatever_co_creators_say(ada, bo, cy):
    face = cast.cameo(cy, audience="everyone")
    made = cast.invited_into(cast.finished_job(ada, cast=[str(face.pk)]).drafts.get(), bo, accepting=True)
    consent.revoke(cy, face.pk, mode=consent.Mode.FUTURE_ONLY)
    withdrawing._mark_drafts([made.pk])
    assert refusal(lambda: publishing.publish_draft(ada, made.pk, **WORDS)) == "draft_withdrawn"


# nobody is named


@pytest.mark.parametrize("accepted_before", [False, True])
def test_no_answer_tells_whose_veto_it_is(accepted_before, db, api, settle):
    """Everything that the owner, a third guest and an outsider read is the same, whichever of two vetoed."""
    found = []
    for who in ("bo", "cy"):
        tag = {"bo": "1st", "cy": "2nd"}[who]
        owner, third, dee, bo, cy = (cast.person(f"{name}.{tag}") for name in ("ada", "eve", "dee", "bo", "cy"))
        draft = cast.invited_into(cast.finished_job(owner).drafts.get(), bo, cy, third, accepting=accepted_before)
        settle()
        cocreating.veto({"bo": bo, "cy": cy}[who], draft.pk)
        cocreating.accept({"bo": cy, "cy": bo}[who], draft.pk)  # not told while the veto stands: it would tell
        settle()
        told = []
        for reader in (owner, third, dee):
            client = api(reader)
            with CaptureQueriesContext(connection) as queries:
                told.append(circle(api, reader, draft))
            told.append(len(queries))
            for verb, path in (
                ("GET", f"/v1/drafts/{draft.pk}"),
                ("POST", f"/v1/drafts/{draft.pk}/publish"),
                ("PUT", f"/v1/drafts/{draft.pk}/co-creators/bo.{tag}"),
                ("DELETE", f"/v1/drafts/{draft.pk}/co-creators/bo.{tag}"),
                ("DELETE", f"/v1/drafts/{draft.pk}/co-creators/cy.{tag}"),
            ):
                answer = client.generic(verb, path, "{}", "application/json")
                told.append((verb, path.rpartition("/")[2], answer.status_code, answer.json().get("code")))
            items = client.get("/v1/notifications").json()["items"]
            told.append([(item["type"], item["text"], item["actor_count"]) for item in items])
        found.append([repr(one).replace(tag, "x").replace(str(draft.pk), "draft") for one in told])
    assert found[0] == found[1]
    states = "{'bo.x': None, 'cy.x': None, 'eve.x': None}, True, None"
    assert found[0][0] == f"({states})"
    assert "('PUT', 'bo.x', 409, 'vetoed')" in found[0]
    veto = "('co_creator_veto', 'Not everybody you invited wants your draft published.', 0)"
    assert any(one.startswith(f"[{veto}") for one in found[0])


def test_acceptances_are_told_and_those_beside_a_veto_when_it_is_taken_back(ada, guests, draft, api, settle):
    bo, cy = guests
    for handle in ("bo", "cy"):
        cocreating.invite(ada, draft.pk, handle)
    cocreating.veto(bo, draft.pk)
    cocreating.accept(cy, draft.pk)

    def told(language="en"):
        settle()
        items = api(ada).get("/v1/notifications", headers={"Accept-Language": language}).json()["items"]
        return [(item["type"], item["text"], item["about"]) for item in items if item["type"].startswith("co_")]

    about = {"draft_id": str(draft.pk)}
    veto = ("co_creator_veto", "Not everybody you invited wants your draft published.", about)
    assert told() == [veto]
    cocreating.accept(bo, draft.pk)
    assert told() == [("co_creator_accepted", "cy and bo will be credited on your draft.", about), veto]
    assert [text for _, text, _ in told("zh")] == ["cy和bo同意署名你的草稿。", "你邀请的人里有人不希望这条草稿发布。"]


def test_a_wall_between_two_who_are_invited_hides_each_from_the_other(ada, guests, draft, api):
    bo, cy = guests
    for handle in ("bo", "cy"):
        cocreating.invite(ada, draft.pk, handle)
    ties.block(bo, "cy")
    assert circle(api, bo, draft) == ({"bo": "invited"}, False, "invited")
    assert circle(api, cy, draft) == ({"cy": "invited"}, False, "invited")
    assert circle(api, ada, draft) == ({"bo": "invited", "cy": "invited"}, False, None)


def test_odd_handles_and_numbers_are_not_found(ada, draft, api):
    for handle in ("x" * 300, "No One", "%00", "🦊"):
        assert api(ada).put(f"/v1/drafts/{draft.pk}/co-creators/{handle}").status_code == 404
    for number in (0, 2**63, 10**30):
        assert api(ada).post(f"/v1/drafts/{number}/co-creators/accept").status_code == 404
    assert api(ada).get("/v1/drafts/invitations", {"cursor": "made up"}).status_code == 422
