"""C10: several people in one clip: one veto hides it, and no field, code or count of queries tells whose it was.

What is compared is the whole answer of every GET and of every act, as the requester, as another member of the cast and
as a stranger read it, whichever of two owners said no. Left out are `/v1/cameos…` of those two: whether somebody may be
cast at all is theirs to say, to everybody, and no veto of a clip.
"""

import random
import re
import time
from itertools import product

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from cameos import casting, consent, requesting
from cameos.consent import Mode
from cameos.models import Appearance, CastRequest
from feeds import logbook
from feeds.learning import serving_model
from feeds.scroll import meters
from sora_social.accounts import ties
from sora_social.core import bus
from sora_social.inbox.models import Notification
from sora_social.posts import presenting
from sora_social.studio import appearing, publishing
from tests import cast
from tests.access.scene import SCHEMA

WORDS = {"caption": "", "visibility": "public", "remix_policy": "everyone", "prompt_visibility": "public"}
READS = sorted(path for path, verbs in SCHEMA["paths"].items() if "get" in verbs)
MOVING = re.compile(
    r'\d{4}-\d\d-\d\dT[\d:.]+Z|"request_id":"[^"]*"|"next":"[^"]*"|/\d+\.\d+\.[0-9a-f]{24}/|"(impression_)?id":"\d+-\d+"'
    r'|"minutes(_left)?":[\d.]+'
)


@pytest.fixture
def scene(db, api):
    """A draft, a post and a waiting draft with three faces; two of their owners may say no."""
    ada, eve, fay, bo, dee = (cast.person(name) for name in ("ada", "eve", "fay", "bo", "dee"))
    owners = {person.handle: person for person in (ada, eve, fay)}
    faces = {name: cast.cameo(person, audience="everyone") for name, person in owners.items()}
    everybody = [str(face.pk) for face in faces.values()]
    post = publishing.publish_draft(bo, cast.finished_job(bo, cast=everybody).drafts.get().pk, **WORDS)
    ready = cast.finished_job(bo, cast=everybody).drafts.get()
    for name, face in faces.items():
        consent.set_terms(owners[name], face.pk, ask_first=True)
    waiting = cast.finished_job(bo, cast=everybody).drafts.get()
    readers = {"requester": bo, "third": fay, "stranger": dee}
    return owners, faces, post, ready, waiting, readers, {who: api(person) for who, person in readers.items()}


@pytest.fixture
def no_look_at_the_clock(monkeypatch):
    """A process asks for a new model every three seconds, whoever made the request that falls there."""
    monkeypatch.setattr(serving_model, "LOOK_EVERY", 3600)


def told(scene, settle):
    """Every answer to every reader, and the number of queries it took."""
    _, faces, post, ready, waiting, readers, clients = scene
    values = {
        "post_id": [post.pk],
        "draft_id": [ready.pk, waiting.pk],
        "job_id": [ready.generation_id, waiting.generation_id],
        "comment_id": [1],
        "cameo_id": [faces["fay"].pk],
        "record_id": [1],
        "handle": ["bo", "ada", "eve"],
        "tag": ["x"],
    }
    found = {}

    def note(who, verb, url, body=None):
        with (
            CaptureQueriesContext(
                connection,
            ) as queries,
            transaction.atomic(),
        ):
            answer = clients[who].generic(verb, url, cast.as_json(body), "application/json")
            body = cast.whole(answer).decode(errors="replace")
            transaction.set_rollback(verb != "GET")  # an act that is allowed changes nothing for what is read next
        is_done = verb != "GET" and answer.status_code < 300  # new ids and a new seed
        words = "" if is_done else body
        for place, key in enumerate(CastRequest.objects.order_by("id").values_list("pk", flat=True)):
            words = words.replace(str(key), f"request {place}")  # one that is made meanwhile has a new id
        for key, seq in Notification.objects.filter(person=readers[who]).values_list("pk", "seq"):
            words = words.replace(str(key), f"notification {seq}")
        found[who, verb, url] = (answer.status_code, MOVING.sub("~", words), len(queries))

    for round_ in ("at once", "settled"):
        for who, path in product(clients, READS):
            if path == "/v1/cameos" or path.endswith(("/evidence", "/ledger")):  # salted, and each one's own
                continue
            names = re.findall(r"{(\w+)}", path)
            for chosen in product(*(values.get(name, ["2026-11"]) for name in names)):
                note(who, "GET", path.format(**dict(zip(names, chosen, strict=True))) + f"?{round_[:1]}")
        for draft in (ready, waiting):
            note("requester", "POST", f"/v1/drafts/{draft.pk}/publish", WORDS)
        note("requester", "POST", f"/v1/generations/{ready.generation_id}/reroll")
        note("requester", "POST", f"/v1/posts/{post.pk}/remix", {"prompt": "at night"})
        for place, asked in enumerate(CastRequest.objects.filter(cameo=faces["fay"]).order_by("id")):
            url = f"/v1/cast-requests/{asked.pk}/approve"
            note("third", "POST", url)
            found["third", "POST", f"{round_} request {place}"] = found.pop(("third", "POST", url))  # ids are new
        settle()
    return found


def forget_all():
    """What a process or Redis keeps of what it was asked before."""
    presenting._fragments.clear()
    meters._remembered.clear()
    logbook.flush()
    bus.client().flushdb()


def revoke(scene, name, mode=Mode.UNPUBLISH_ALL):
    consent.revoke(scene[0][name], scene[1][name].pk, mode=mode)


def future_only(scene, name):
    revoke(scene, name, Mode.FUTURE_ONLY)


def decline(scene, name):
    requesting.decline(scene[0][name], CastRequest.objects.get(draft_id=scene[4].pk, cameo=scene[1][name]).pk)


def remove(scene, name):
    for thing in ({"post_id": scene[2].pk}, {"draft_id": scene[3].pk}, {"draft_id": scene[4].pk}):
        appearing.remove(scene[0][name], scene[1][name].pk, Appearance.objects.get(cameo=scene[1][name], **thing).pk)


def narrow(scene, name):
    consent.set_terms(scene[0][name], scene[1][name].pk, audience="only_me")


def tighten(scene, name):
    consent.set_terms(scene[0][name], scene[1][name].pk, limits={"regions": ["JP"]})


@pytest.mark.usefixtures("no_look_at_the_clock")
@pytest.mark.parametrize("say_no", [decline, remove, revoke, future_only, narrow])
def test_c10_whoever_of_two_said_no_every_answer_is_the_same(say_no, scene, settle):
    answers = {}
    for client in scene[6].values():
        for path in (f"/v1/cameos/{scene[1]['fay'].pk}", "/v1/feed"):
            client.get(path)  # what is looked up once
    forget_all()
    for name in ("ada", "eve"):
        with transaction.atomic():
            say_no(scene, name)
            answers[name] = told(scene, settle)
            forget_all()
            transaction.set_rollback(True)
    different = {
        key: [(one, other) for one, other in zip(answers["ada"][key], answers["eve"][key], strict=True) if one != other]
        for key in answers["ada"]
        if answers["ada"][key] != answers["eve"][key]
    }
    assert different == {}, list(different.items())[:4]
    publishing_it = answers["ada"]["requester", "POST", f"/v1/drafts/{scene[4].pk}/publish"]
    assert publishing_it[0] in {404, 409, 422}
    if say_no in {remove, revoke}:
        seen = answers["ada"]["stranger", "GET", f"/v1/posts/{scene[2].pk}?a"]
        assert seen[0] == 404


def test_c10_mutant_a_refusal_that_names_somebody_is_seen(scene, settle, monkeypatch):
    hold = casting.hold

    def naming(actor, cameo_ids):
        found = casting.castable_among(actor, cameo_ids)
        for cameo_id in cameo_ids:
            if cameo_id not in found:
                raise casting.not_allowed(f"{cameo_id} may not be cast by you any more.")
        return hold(actor, cameo_ids)

    monkeypatch.setattr(casting, "hold", naming)
    with pytest.raises(AssertionError):
        test_c10_whoever_of_two_said_no_every_answer_is_the_same(future_only, scene, settle)


def test_c10_two_who_revoke_and_agree_again_at_once_bring_nothing_back(committed, at_once):
    people = [cast.person(name) for name in ("ada", "eve", "bo", "dee")]
    *owners, bo, dee = people
    faces = [cast.cameo(owner, audience="everyone") for owner in owners]
    delays = random.Random(1)

    def change_their_mind(number):
        time.sleep(delays.uniform(0, 0.003))
        consent.revoke(owners[number], faces[number].pk, mode=Mode.UNPUBLISH_ALL)
        consent.set_terms(owners[number], faces[number].pk, audience="everyone")

    for _ in range(8):
        draft = cast.finished_job(bo, cast=[str(face.pk) for face in faces]).drafts.get()
        post = publishing.publish_draft(bo, draft.pk, **WORDS)
        assert presenting.present(dee, [post.pk])
        assert at_once(change_their_mind, 2) == [None, None]
        assert not any(presenting.present(person, [post.pk]) for person in people)


def test_c10_a_block_by_one_hides_it_from_that_one_alone(scene):
    owners, _, post, *_ = scene
    ties.block(owners["ada"], "dee")
    dee, bo = scene[5]["stranger"], scene[5]["requester"]
    assert not presenting.present(dee, [post.pk])
    assert presenting.present(bo, [post.pk])
