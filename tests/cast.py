"""People and things for tests, made through the real activities."""

import io
import json
import secrets
from collections.abc import Sequence
from datetime import date, timedelta
from importlib import import_module
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import transaction
from django.utils import timezone
from PIL import Image

from cameos import consent, enrolling, ledger
from cameos.checks import Examination, Finding, Verdict
from cameos.models import Appearance, Cameo, CameoKind, CameoStatus, CastRequest, RecordKind
from feeds.models import Nudge
from feeds.scroll import nudges
from feeds.steering import instructions
from remix import lineage
from remix.lineage import Source
from sora_social.accounts import invites, people, ties
from sora_social.accounts.models import User
from sora_social.challenges.models import Challenge
from sora_social.inbox.conversations import conversing
from sora_social.inbox.models import Device
from sora_social.inbox.push import devices
from sora_social.media.manifests import Statement
from sora_social.media.models import Clip
from sora_social.posts import posting
from sora_social.posts.comments import commenting
from sora_social.posts.models import Post
from sora_social.studio import cocreating, generating, publishing, submitting
from sora_social.studio.models import Draft, Generation
from sora_social.studio.templates import authoring
from sora_social.studio.templates.models import Template
from sora_social.studio.templates.recipes import Slot

PASSWORD = "correct horse battery"


def person(handle: str, *, age: int = 30, admitted: bool = True, password: str | None = None) -> User:
    """Somebody with a confirmed e-mail address."""
    birthday: date = timezone.now().date() - timedelta(days=round(age * 365.25) + 30)
    somebody = User(handle=handle, email=f"{handle}@example.org", birthday=birthday, country="NL")
    if password is None:
        somebody.set_unusable_password()
    else:
        somebody.set_password(password)
    people.join(somebody)
    EmailAddress.objects.create(user=somebody, email=somebody.email, verified=True, primary=True)
    if admitted:
        invites.admit(somebody)
        somebody.refresh_from_db()
    return somebody


def moderator(handle: str) -> User:
    somebody = person(handle, password=PASSWORD)
    somebody.is_staff = True
    somebody.is_superuser = True
    somebody.save(update_fields=["is_staff", "is_superuser"])
    return somebody


def session_token(somebody: User) -> str:
    """The token that a sign-in would give."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(somebody.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = somebody.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def statement(**fields: Any) -> Statement:
    """What a clip of ada's says of itself."""
    return Statement(**{"provider": "preview", "model": "preview-1", "is_trained": False, "handle": "ada", **fields})


def clip(*, with_captions: bool = False) -> Clip:
    """A finished clip's row. Its files are not there: tests that play it make real ones."""
    key = secrets.token_hex(12)
    return Clip.objects.create(
        video_key=f"clips/{key}.mp4",
        poster_key=f"clips/{key}.jpg",
        captions_key=f"clips/{key}.vtt" if with_captions else "",
        width=480,
        height=854,
        duration_ms=5000,
        size_bytes=1000,
        stream_sha256=secrets.token_hex(32),
    )


def post(author: User, *, sources: Sequence["Post"] = (), kind: str = "remix", **fields: Any) -> Post:
    """A published post, made from `sources` if any are given."""
    given = {
        "clip": fields.pop("clip", None) or clip(),
        "caption": "",
        "prompt": "a quiet beach",
        "visibility": "public",
        "remix_policy": "everyone",
        "prompt_visibility": "public",
        "provider": "preview",
        "model": "preview-1",
    }
    with transaction.atomic():
        made = posting.create_post(author, **{**given, **fields})
        lineage.attach(made, sources=[Source(source.pk, kind, place) for place, source in enumerate(sources)])
    return made


def challenge(host: User, *, starts_in: float = -3600, ends_in: float = 86_400, **fields: Any) -> Challenge:
    """A challenge that is open, unless other times are given (in seconds from now)."""
    now = timezone.now()
    window = {"starts_at": now + timedelta(seconds=starts_in), "ends_at": now + timedelta(seconds=ends_in)}
    return Challenge.objects.create(**{"title": "Rain in one shot", "created_by": host, **window, **fields})


def entry(author: User, into: Challenge, **words: Any) -> Post:
    """A post that was made for a challenge, through the studio."""
    draft = finished_job(author, challenge_id=into.pk).drafts.get()
    given = {"caption": "", "visibility": "public", "remix_policy": "everyone", "prompt_visibility": "public"}
    return publishing.publish_draft(author, draft.pk, **{**given, **words})


def shown(author: User, *, prompt_visibility: str = "public", **words: Any) -> Post:
    """A post that was made through the studio, so that there is a job behind it; its files are not there."""
    policies = {
        name: words.pop(name, default)
        for name, default in {"visibility": "public", "remix_policy": "everyone", "caption": ""}.items()
    }
    draft = finished_job(author, **words).drafts.get()
    return publishing.publish_draft(author, draft.pk, prompt_visibility=prompt_visibility, **policies)


RECIPE = {
    "title": "A pet in the rain",
    "prompt": "a {animal} in the rain, {mood}",
    "slots": [Slot("animal", label="Which animal", example="cat"), Slot("mood", default="slow and blue")],
    "locked": ["prompt", "style"],
}


def template(author: User, *, of: Post | None = None, **fields: Any) -> Template:
    """A template of a post, which is made if there is none."""
    of = of or shown(author, prompt="a cat in the rain, slow and blue", style="noir")
    return authoring.make_template(author, of.pk, **{**RECIPE, **fields})


def examination(verdict: str = "undecided", *, similar_to: tuple[int, ...] = (), template: bytes = b"a face") -> Any:
    """What the checks find, without their eyes and ears."""
    return Examination(
        findings=(
            Finding("container", "1", Verdict.PASS, "An MP4."),
            Finding("head_turn", "1", Verdict(verdict), f"This check says {verdict}."),
        ),
        template=template,
        portrait=portrait(),
        similar_to=similar_to,
    )


def portrait() -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (64, 64), "teal").save(target, "JPEG")
    return target.getvalue()


def begun(owner: User, *, kind: str = "person", handle: str = "", **fields: Any) -> Cameo:
    """A cameo that is released, and waits for its recording."""
    figure = {"figure": "pet"} if kind == "character" else {}
    made = enrolling.create(owner, **{"kind": kind, "handle": handle, **figure, **fields})
    return enrolling.record_release(owner, made.pk, terms_version=settings.RELEASE_TERMS)


def upload(kind: str = "person") -> io.BytesIO:
    """Bytes that look like what is to be uploaded."""
    return io.BytesIO(b"\0\0\0\x18ftypmp42" + secrets.token_bytes(64) if kind == "person" else portrait())


def enrolled(owner: User, *, kind: str = "person", found: Any = None, **fields: Any) -> Cameo:
    """A cameo whose recording was examined; it waits for a person, unless the checks found something else."""
    made = begun(owner, kind=kind, **fields)
    enrolling.store_recording(owner, made.pk, upload(kind))
    claimed = enrolling._claim(made.pk)
    assert claimed is not None
    enrolling.conclude(claimed, found or examination())
    made.refresh_from_db()
    return made


def approved(owner: User, *, kind: str = "person", handle: str = "", **terms: Any) -> Cameo:
    """A cameo that went the whole way and is in force, on the terms that are given."""
    made = enrolled(owner, kind=kind, handle=handle, found=examination("pass"))
    if terms:
        consent.set_terms(owner, made.pk, **terms)
        made.refresh_from_db()
    return made


def things_of(owner: User, of_post: Post) -> dict[str, Any]:
    """One of everything else that belongs to somebody, by the name of its path parameter."""
    job = finished_job(owner)
    comment = commenting.say(owner, of_post.pk, text="first")
    of_owner = approved(owner, audience="everyone", ask_first=True)
    stranger = person("asking")
    asking = finished_job(stranger, cast=[str(of_owner.pk)]).drafts.get()
    shown_of = shown(owner)
    pal = person("pal")
    group = conversing.begin(owner, handles=["asking", pal.handle], title="a group", text="hello you two")
    invited_into(job.drafts.get(), pal)
    return {
        "invited_draft_id": invited_into(finished_job(pal).drafts.get(), owner).pk,
        "credited_post_id": post_together(pal, owner).pk,
        "child_id": post(owner, sources=[of_post]).pk,
        "job_id": job.pk,
        "draft_id": job.drafts.get().pk,
        "comment_id": comment.pk,
        "cameo_id": of_owner.pk,
        "begun_cameo_id": begun(owner, kind="character", handle=f"{owner.handle}.dog").pk,
        "record_id": of_owner.terms_record_id,
        "appearance_id": Appearance.objects.get(draft_id=asking.pk).pk,
        "request_id": CastRequest.objects.get(draft_id=asking.pk).pk,
        "conversation_id": group.pk,
        "message_id": group.messages.get().pk,
        "asked_conversation_id": conversing.begin(stranger, handles=[owner.handle], text="may I?").pk,
        "nudge_id": card_laid(owner).pk,
        "device_id": device(owner).pk,
        "made_post_id": shown_of.pk,
        "template_id": template(owner).pk,
        "rule_id": instructions.say(owner, text="more cats").rules[0].row.pk,
    }


def cameo(owner: User, **fields: Any) -> Cameo:
    """A cameo in force with its first records. The row itself: enrolment has tests of its own."""
    given = {
        "kind": CameoKind.PERSON,
        "status": CameoStatus.ACTIVE,
        "in_force_until": timezone.now() + timedelta(days=365),
    }
    with transaction.atomic():
        made = Cameo.objects.create(owner=owner, **{**given, **fields})
        words = {"release_terms": settings.RELEASE_TERMS, "language": "en"}
        ledger.append(made.pk, RecordKind.RELEASED, actor_id=owner.pk, **words)
        made.terms_record = ledger.append(
            made.pk,
            RecordKind.ACTIVATED,
            actor_id=None,
            audience=made.audience,
            limits=made.limits,
            terms_version=made.terms_version,
            in_force_until=made.in_force_until.isoformat(),
        )
        made.save(update_fields=["terms_record"])
    return made


def finished_job(owner: User, **words: Any) -> Generation:
    """A job that a worker ended, with a ready draft whose files are not there."""
    job = submitting.submit(owner, **{"prompt": "a quiet beach", **words})
    claimed = generating.claim(job.pk)
    assert claimed is not None
    assert generating._complete(claimed, [clip() for _ in range(job.variations)])
    job.refresh_from_db()
    return job


def card_laid(viewer: User) -> Nudge:
    """A card that lies in somebody's feed."""
    card = nudges.make_card(viewer, timezone.now(), step=1)
    assert card is not None
    return card.nudge


def device(owner: User, *, platform: str = "fcm", token: str = "") -> Device:
    """An installed app of somebody who is signed in with it."""
    named = {"platform": platform, "token": token or f"device_of:{owner.pk}-{secrets.token_hex(8)}"}
    return devices.register(owner, session_token=session_token(owner), language="en", **named)


def mutuals(one: User, *others: User) -> None:
    for other in others:
        ties.follow(one, other.handle)
        ties.follow(other, one.handle)


def invited_into(draft: Draft, *guests: User, accepting: bool = False) -> Draft:
    """A draft into which its owner invites people, who become mutuals for that."""
    mutuals(draft.owner, *guests)
    for guest in guests:
        cocreating.invite(draft.owner, draft.pk, guest.handle)
        if accepting:
            cocreating.accept(guest, draft.pk)
    return draft


def post_together(author: User, *others: User, **words: Any) -> Post:
    """A post on which these others are credited."""
    draft = invited_into(finished_job(author).drafts.get(), *others, accepting=True)
    given = {"caption": "", "visibility": "public", "remix_policy": "everyone", "prompt_visibility": "public"}
    return publishing.publish_draft(author, draft.pk, **{**given, **words})


def whole(answer: Any) -> bytes:
    """The body of an answer to its end, also of one that is streamed."""
    return b"".join(answer.streaming_content) if answer.streaming else bytes(answer.content)


def as_json(body: Any) -> str:
    return "" if body is None else json.dumps(body)
