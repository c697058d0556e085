"""Using cameos: who is in a cast, may they be, and on which records that relies.

Whoever makes something with a cameo asks here, each time anew: at submit, before the provider is called, when it is
finished, and at publish. `hold` asks under lock: until the caller's transaction ends no owner can take back what it
was told.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from cameos.limits import Judgement, Limits, Words, judge
from cameos.models import (
    Appearance,
    AppearanceQuerySet,
    Cameo,
    CameoKind,
    CastRequest,
    Grant,
    RequestState,
)
from sora_social.accounts import ties
from sora_social.accounts.models import User
from sora_social.core.errors import Invalid
from sora_social.core.prepared import PreparedModels, ids_param

CAST_AT_MOST = 3
MENTION = re.compile(r"(?<![A-Za-z0-9_@/.])@([A-Za-z0-9_.]{2,30})(?<!\.)")


class CastNotAllowed(Invalid):
    """Somebody in the cast may not be cast by this person, or is not there: the two are one answer."""

    code = "cast_not_allowed"
    title = "Not everybody in the cast may be cast"


@dataclass(frozen=True)
class Member:
    """One of a cast. `is_inherited` when they come with a source."""

    cameo_id: int
    is_inherited: bool


# chosen


def cast_for(
    actor: User,
    *,
    named: Sequence[str],
    texts: Sequence[str],
    inherited: Sequence[int] = (),
    replacements: Mapping[str, str | None] | None = None,
    is_sealed: bool = False,
) -> list[Member]:
    """The cast that a request means: who is named by id or @handle, in its words too, and who comes with the sources.

    `replacements` takes members of the sources' cast out, each for somebody else or for nobody. `is_sealed` when the
    texts are not for `actor` to read. Raises CastNotAllowed for a name that `actor` may not cast, which is told unless
    only sealed texts have it; Invalid for a replacement of somebody who is not there, and beyond three.
    """
    swaps = replacements or {}
    mentioned = [f"@{name}" for text in texts for name in MENTION.findall(text)]
    given = [*named, *(name for name in swaps.values() if name)]
    wanted = _resolved(actor, given, mentioned, is_sealed=is_sealed)
    swapped = _swapped_out(swaps, inherited)
    members = {cameo_id: Member(cameo_id, is_inherited=True) for cameo_id in inherited if cameo_id not in swapped}
    for cameo_id in wanted:
        members.setdefault(cameo_id, Member(cameo_id, is_inherited=cameo_id in inherited))  # also in place of oneself
    if len(members) > CAST_AT_MOST:
        raise Invalid.field("cast", f"At most {CAST_AT_MOST} in one clip, sources included.", code="too_many")
    return list(members.values())


def _resolved(actor: User, given: Sequence[str], mentioned: Sequence[str], *, is_sealed: bool) -> list[int]:
    """The ids of cameos that `actor` may cast, by id or @handle, each once. Raises CastNotAllowed."""
    tellable = {name.strip().lower() for name in given}
    wanted = list(dict.fromkeys(name.strip().lower() for name in (*given, *mentioned)))
    if not wanted:
        return []
    ids = [int(name) for name in wanted if name.isascii() and name.isdigit() and int(name) < 2**63]
    handles = [name.removeprefix("@") for name in wanted]
    castable = Cameo.objects.castable_by(actor)
    found: dict[str, int] = {str(pk): pk for pk in castable.filter(pk__in=ids).values_list("pk", flat=True)}
    own = castable.filter(kind=CameoKind.PERSON, owner__handles__name__in=handles)
    found |= {f"@{name}": pk for pk, name in own.values_list("pk", "owner__handles__name")}
    found |= {f"@{name}": pk for pk, name in castable.filter(name__in=handles).values_list("pk", "name_id")}
    missing = [name for name in wanted if name not in found and f"@{name}" not in found]
    if missing:
        if is_sealed and missing[0] not in tellable:
            raise not_allowed("Not everybody in the cast may be cast by you.")
        raise not_allowed(f"There is no {missing[0]} whom you may cast.")
    return list(dict.fromkeys(found.get(name, found.get(f"@{name}", 0)) for name in wanted))


def _swapped_out(swaps: Mapping[str, str | None], inherited: Sequence[int]) -> set[int]:
    if not swaps:
        return set()
    rows = Cameo.objects.filter(pk__in=inherited).select_related("owner")
    by_name = {str(row.pk): row.pk for row in rows} | {f"@{row.handle}": row.pk for row in rows}
    unknown = [name for name in swaps if name.lower() not in by_name]
    if unknown:
        raise Invalid.field("cast_replacements", f"{unknown[0]} is not in the cast of the source.", code="not_in_cast")
    return {by_name[name.lower()] for name in swaps}


def not_allowed(message: str) -> CastNotAllowed:
    return CastNotAllowed(message, errors={"cast": [{"code": "cast_not_allowed", "message": message}]})


def cast_of_posts(post_ids: Sequence[int]) -> list[int]:
    """Whom posts cast, each once, in the order they came in."""
    rows = Appearance.objects.filter(post_id__in=post_ids).order_by("post_id", "id").values_list("cameo_id", flat=True)
    return list(dict.fromkeys(rows))


# asked


def hold(actor: User, cameo_ids: Sequence[int]) -> list[Cameo]:
    """These cameos, each of which `actor` may cast now, held until the transaction ends against their owners' acts.

    Annotated with `grant_record_id`. Raises CastNotAllowed, which names nobody.
    """
    if not cameo_ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT owner_id FROM cameos_cameo WHERE id = ANY(%s) ORDER BY id", [list(cameo_ids)])
        for owner_id in sorted({row[0] for row in cursor.fetchall()} - {actor.pk}):
            ties.hold_tie(actor.pk, owner_id, shared=True)
        cursor.execute("SELECT 1 FROM cameos_cameo WHERE id = ANY(%s) ORDER BY id FOR SHARE", [list(cameo_ids)])
    found = castable_among(actor, cameo_ids)
    if len(found) < len(set(cameo_ids)):
        raise not_allowed("Not everybody in the cast may be cast by you any more.")
    return [found[cameo_id] for cameo_id in cameo_ids]


def _castable_with_grants(actor: User) -> "QuerySet[Cameo]":
    grants = Grant.objects.filter(cameo=OuterRef("pk"), grantee=actor).values("record_id")[:1]
    return Cameo.objects.castable_by(actor).select_related("owner").annotate(grant_record_id=grants)


_CASTABLE = PreparedModels(lambda actor, ids: _castable_with_grants(actor).filter(pk__any=ids), "actor", "ids")


def castable_among(actor: User, cameo_ids: Sequence[int]) -> dict[int, Cameo]:
    """Those of these cameos that `actor` may cast now, by id."""
    if not cameo_ids:
        return {}
    return {cameo.pk: cameo for cameo in _CASTABLE.all(actor=actor.pk, ids=ids_param(cameo_ids))}


def judge_cast(
    cast: Sequence[Cameo], *, actor: User, texts: Sequence[str], country: str, is_ad: bool, is_cut: bool = False
) -> list[tuple[Cameo, Judgement]]:
    """What the owners' limits say to these texts, and to what the others in the cast are called and look like.

    One's own cameo is not judged. `is_cut` when there are more words than these.
    """
    today = timezone.now().date()
    read = {text: Words(text) for text in (*texts, *words_about(cast))}
    return [
        (
            cameo,
            judge(
                Limits.of(cameo.limits),
                restrictions=cameo.restrictions,
                texts=[read[text] for text in texts],
                country=country,
                today=today,
                is_ad=is_ad,
                beside=[read[text] for text in words_about(other for other in cast if other.pk != cameo.pk)],
                handles=[other.handle for other in cast if other.pk != cameo.pk],
                is_cut=is_cut,
            ),
        )
        for cameo in cast
        if cameo.owner_id != actor.pk
    ]


def words_about(cast: Iterable[Cameo]) -> list[str]:
    """What whoever makes the clip is told of a cast, beside the prompt: display names and looks."""
    return [text for cameo in cast for text in (cameo.display_name, cameo.preferences) if text]


def judged_by(cast: Sequence[Cameo]) -> list[tuple[int, int, str]]:
    """What a judgement of this cast stands on, to see whether it has changed."""
    return [(cameo.pk, cameo.terms_version, cameo.display_name) for cameo in cast]


def must_ask(cameo: Cameo, requester: User) -> bool:
    """Whether the owner wants to see what this requester makes before others do: asked first, and new to them.

    A yes makes them known when all who were asked beside agreed: else it would tell who did not.
    """
    if not cameo.ask_first or cameo.owner_id == requester.pk:
        return False
    known = CastRequest.objects.filter(cameo=cameo, requester=requester, epoch=cameo.epoch, state=RequestState.APPROVED)
    open_or_refused = CastRequest.objects.filter(draft_id=OuterRef("draft_id")).exclude(state=RequestState.APPROVED)
    return not (getattr(cameo, "grant_record_id", None) or known.exclude(Exists(open_or_refused)).exists())


def know_no_more(cameo: Cameo, requester_ids: Sequence[int]) -> None:
    """Who was known is new again: what the owner agreed to stays agreed to, and stands for nothing else."""
    said = CastRequest.objects.filter(cameo=cameo, requester__in=requester_ids, state=RequestState.APPROVED)
    said.update(epoch=0)


# relied on


def appear_in_job(actor: User, job_id: int, cast: Sequence[Cameo], members: Sequence[Member]) -> None:
    """Write the appearances of a new job, each with the record of the consent that it relies on."""
    inherited = {member.cameo_id for member in members if member.is_inherited}
    Appearance.objects.bulk_create(
        Appearance(
            cameo=cameo,
            requester=actor,
            job_id=job_id,
            is_inherited=cameo.pk in inherited,
            record_id=relied_on(cameo),
            terms_version=cameo.terms_version,
            epoch=cameo.epoch,
        )
        for cameo in cast
    )


def relied_on(cameo: Cameo) -> int | None:
    """The record that lets a requester cast: their grant, else the terms. Needs `castable_among`."""
    record_id: int | None = getattr(cameo, "grant_record_id", None) or cameo.terms_record_id
    return record_id


def cast_of_job(job_id: int) -> AppearanceQuerySet:
    return Appearance.objects.filter(job_id=job_id, draft_id=None).order_by("id")


def cast_of_draft(draft_id: int) -> AppearanceQuerySet:
    return Appearance.objects.filter(draft_id=draft_id).order_by("id")


def appear_in_draft(draft_id: int, of_job: Sequence[Appearance], cast: Sequence[Cameo]) -> None:
    """Write a finished draft's appearances, as the consent is now."""
    held = {cameo.pk: cameo for cameo in cast}
    Appearance.objects.bulk_create(
        Appearance(
            cameo_id=row.cameo_id,
            requester_id=row.requester_id,
            job_id=row.job_id,
            draft_id=draft_id,
            is_inherited=row.is_inherited,
            record_id=relied_on(held[row.cameo_id]),
            terms_version=held[row.cameo_id].terms_version,
            epoch=held[row.cameo_id].epoch,
        )
        for row in of_job
    )


def appear_in_post(draft_id: int, post_id: int, cast: Sequence[Cameo], *, shown_at: datetime | None) -> None:
    """A draft's appearances become its post's, relying on the consent as it is now.

    `shown_at` is from when on others see the post; None when they do not.
    """
    for cameo in cast:
        Appearance.objects.filter(draft_id=draft_id, cameo=cameo).update(
            post_id=post_id,
            shown_at=shown_at,
            record_id=relied_on(cameo),
            terms_version=cameo.terms_version,
            epoch=cameo.epoch,
        )


def leave_post(post_id: int) -> None:
    """A post that was taken back before anybody saw it is a draft again."""
    Appearance.objects.filter(post_id=post_id).update(post_id=None, shown_at=None)


def hide_post(post_id: int) -> None:
    """A post is its author's alone again: to take consent back reaches it like a draft."""
    Appearance.objects.filter(post_id=post_id).update(shown_at=None)
