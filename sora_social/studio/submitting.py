"""From a request to a job: checked, paid for, and in the database before anybody works on it."""

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Min, Q
from django.db.models.functions import Now
from django.utils import timezone

from cameos import casting, licensing
from cameos.limits import REGIONS
from cameos.models import Appearance, Cameo
from remix import rules
from remix.lineage import Source
from remix.models import EdgeKind
from sora_social.accounts.models import User
from sora_social.challenges import entering
from sora_social.core import outbox
from sora_social.core.errors import Invalid, NotFound, TooMany
from sora_social.credits import quota
from sora_social.posts import posting
from sora_social.posts.models import Post
from sora_social.studio import limiting, providers, safety
from sora_social.studio.events import GenerationFinished, GenerationQueued
from sora_social.studio.models import Draft, DraftStatus, Generation, GenerationSource, JobStatus
from sora_social.studio.safety import Refusal
from sora_social.studio.templates import standing
from sora_social.studio.templates.recipes import Use

SEEDS = 2**32
_A_DAY = timedelta(days=1)


def submit(
    actor: User,
    *,
    prompt: str,
    seconds: int = 5,
    orientation: str = "portrait",
    style: str = "none",
    camera: str = "",
    negative_prompt: str = "",
    shots: Sequence[Mapping[str, Any]] = (),
    seed: int | None = None,
    variations: int = 1,
    is_ad: bool = False,
    cast: Sequence[str] = (),
    cast_replacements: Mapping[str, str | None] | None = None,
    sources: Sequence[Source] = (),
    challenge_id: int | None = None,
    from_post_id: int | None = None,
    country: str | None = None,
    template: Use | None = None,
) -> Generation:
    """Ask for clips: one for each variation, set aside from the quota until the job ends.

    Who is cast: those named, by id or @handle, and those in the sources who are not replaced. What the safety rules
    or a limit of somebody in the cast stop becomes a refused job with a refused draft, which costs nothing and is no
    error. `country` is where the request comes from (ISO 3166-1 alpha-2); when None, what the person declared.

    What is made for a challenge enters it when it is published. `from_post_id` is the post from which the composer was
    opened, for its words or its cast: nothing is taken from it. Of a `template` its recipe is taken, whose words are in
    these already: nobody in its post is cast by it.

    Raises Invalid, NotFound, ChallengeClosed, RemixNotAllowed, CastNotAllowed, QuotaExceeded, CreditsExceeded, and
    TooMany refused casts of one person in a day, who sees each of them; then nothing is kept.
    """
    _require_makeable(shots, seconds, sources, swaps=bool(cast_replacements))
    provider = providers.chosen()
    challenge = None if challenge_id is None else entering.require_open(challenge_id)
    inspired_by = None if from_post_id is None else posting.post_for(actor, from_post_id)
    with transaction.atomic():
        posts = rules.require_remixable(actor, [source.post_id for source in sources]) if sources else []
        posts = [] if template is not None else posts  # its picture is not made use of
        members = casting.cast_for(
            actor,
            named=cast,
            texts=[prompt, *(shot["text"] for shot in shots)],
            inherited=casting.cast_of_posts([post.pk for post in posts]),
            replacements=cast_replacements,
            is_sealed=template is not None and template.is_sealed,
        )
        job = Generation(
            owner=actor,
            prompt=prompt,
            negative_prompt=negative_prompt,
            seconds=seconds,
            orientation=orientation,
            style=style,
            camera=camera,
            shots=[{"text": shot["text"], "seconds": shot["seconds"]} for shot in shots],
            seed=secrets.randbelow(SEEDS) if seed is None else seed,
            variations=variations,
            is_ad=is_ad,
            country=_known(actor.country if country is None else country),
            challenge=challenge,
            inspired_by=inspired_by,
            template_version=None if template is None else template.version,
            filled=None if template is None else dict(template.filled),
            is_sealed=template is not None and template.is_sealed,
            provider=provider.name,
            model=provider.model,
        )
        cast_ids = [member.cameo_id for member in members]
        asked = list(casting.castable_among(actor, cast_ids).values())
        refusal = _refusal_of(job, asked, posts)  # before anybody is held: reading takes a while, and owners would wait
        held = casting.hold(actor, cast_ids)
        if sorted(casting.judged_by(held)) != sorted(casting.judged_by(asked)):
            refusal = _refusal_of(job, held, posts)
        if refusal is not None:
            _require_few_refused(actor, [member.cameo_id for member in members])
            job.status, job.finished_at, job.refusal = JobStatus.REFUSED, Now(), refusal.as_json()
        else:
            fees = licensing.fees_for(held, actor=actor, seconds=seconds, clips=variations, is_ad=is_ad)
            job.hold = quota.reserve(actor, clips=variations, fees=fees)
        job.save()
        casting.appear_in_job(actor, job.pk, held, members)
        GenerationSource.objects.bulk_create(
            GenerationSource(generation=job, post_id=source.post_id, kind=source.kind, ordinal=source.ordinal)
            for source in sources
        )
        if refusal is not None:
            Draft.objects.create(generation=job, owner=actor, status=DraftStatus.REFUSED, refusal=job.refusal)
            outbox.announce(GenerationFinished(job_id=job.pk, owner_id=actor.pk, status=JobStatus.REFUSED))
        else:
            outbox.announce(GenerationQueued(job_id=job.pk))
    return job


def _require_makeable(
    shots: Sequence[Mapping[str, Any]], seconds: int, sources: Sequence[Source], *, swaps: bool
) -> None:
    if swaps and any(source.kind != EdgeKind.REMIX for source in sources):
        raise Invalid.field("cast_replacements", "Only a remix can replace somebody in it.", code="not_a_remix")
    if swaps and not sources:
        raise Invalid.field("cast_replacements", "There is no source to replace anybody in.", code="not_in_cast")
    if sum(shot["seconds"] for shot in shots) > seconds:
        raise Invalid.field("shots", f"The shots are longer than {seconds} s.", code="too_long")
    if len({source.post_id for source in sources}) < len(sources):
        raise Invalid.field("sources", "Each post once.", code="repeated")
    stitched = [source for source in sources if source.kind == EdgeKind.STITCH]
    if stitched and (len(sources) < 2 or len(stitched) < len(sources)):
        raise Invalid.field("sources", "A stitch is made from several posts, all of that kind.", code="bad_stitch")
    if not stitched and len(sources) > 1:
        raise Invalid.field("sources", "Several sources make a stitch.", code="bad_stitch")


def _require_few_refused(actor: User, cameo_ids: Collection[int]) -> None:
    """The owner of a face sees every refused prompt with it: so many a day by one person are enough. Raises TooMany."""
    owners = Cameo.objects.filter(pk__in=cameo_ids).exclude(owner=actor).values("owner")
    refused = Generation.objects.filter(owner=actor, status=JobStatus.REFUSED, created_at__gt=Now() - _A_DAY)
    rows = Appearance.objects.filter(
        requester=actor, draft_id=None, cameo__owner__in=owners, job_id__in=refused.values("pk")
    )
    counted = rows.values("cameo__owner").annotate(count=Count("job_id", distinct=True), first=Min("created_at"))
    full = [row["first"] for row in counted if row["count"] >= settings.CAST_REFUSALS_PER_DAY]
    if full:
        wait = max(full) + _A_DAY - timezone.now()
        raise TooMany(
            "Too many requests with this cast were refused today; their owners see each of them.",
            retry_after=max(1.0, wait.total_seconds()),
        )


def _known(country: str) -> str:
    """The country's code, or nothing: what a network says when it does not know is no country."""
    return country.upper() if country.upper() in REGIONS else ""


def _refusal_of(job: Generation, cast: Sequence[Cameo], posts: Sequence[Post]) -> Refusal | None:
    """Why a job is not made, or None: the safety rules, the memorials, the limits of the cast."""
    made_from = limiting.behind([post.pk for post in posts])
    open_ids = _readable_ids(job.owner, posts, made_from.prompts)
    texts, sealed, about = limiting.told_texts(job), limiting.sealed_texts(job), casting.words_about(cast)
    hidden = [prompt for post_id, prompt in made_from.prompts.items() if post_id not in open_ids]
    return (
        safety.refusal_of(
            texts[0],
            beside=texts[1:],
            lineage=[prompt for post_id, prompt in made_from.prompts.items() if post_id in open_ids],
            hidden=[*hidden, *sealed, *about],
        )
        or limiting.memorial_refusal(texts, beside=[*made_from.prompts.values(), *sealed, *about])
        or limiting.refusal_of(cast, job, made_from=made_from)
    )


def _readable_ids(actor: User, posts: Sequence[Post], post_ids: Iterable[int]) -> set[int]:
    """Those of the posts behind a job whose prompts `actor` may read."""
    named = [post.pk for post in posts]
    if not named:
        return set()
    listed = Post.objects.listed_for(actor).values("pk")
    readable = Post.objects.prompt_readable_by(actor).filter(Q(pk__in=named) | Q(pk__in=listed), pk__in=list(post_ids))
    return set(readable.values_list("pk", flat=True))


def remix(actor: User, post_id: int, *, kind: str, **words: Any) -> Generation:
    """Ask for a clip made from one post. Raises what `submit` raises."""
    return submit(actor, sources=[Source(post_id, kind)], **words)


def reroll(actor: User, job_id: int, *, country: str | None = None) -> Generation:
    """Ask for the same again with another seed; for a challenge only if it is still open.

    Of a template it is the same version. Raises NotFound for a job that is not one's own, Conflict where the template
    fixes the seed, TemplateWithdrawn, and what `submit` raises.
    """
    rows = Generation.objects.owned_by(actor).select_related("template_version")
    job = rows.prefetch_related("sources").filter(pk=job_id).first()
    if job is None:
        raise NotFound
    with transaction.atomic():
        return _again(actor, job, country=country)


def _again(actor: User, job: Generation, *, country: str | None) -> Generation:
    template = standing.used_again(actor, job)
    appeared = list(casting.cast_of_job(job.pk).values_list("cameo_id", "is_inherited"))
    in_sources = casting.cast_of_posts([] if template else [row.post_id for row in job.sources.all()])
    named = [cameo_id for cameo_id, is_inherited in appeared if not is_inherited]
    if len(casting.castable_among(actor, named)) < len(named):  # said of all: who of them it was is not told
        raise casting.not_allowed("Not everybody in the cast may be cast by you any more.")
    replaced = dict.fromkeys(str(cameo_id) for cameo_id in in_sources if (cameo_id, True) not in appeared) or None
    return submit(
        actor,
        prompt=job.prompt,
        seconds=job.seconds,
        orientation=job.orientation,
        style=job.style,
        camera=job.camera,
        negative_prompt=job.negative_prompt,
        shots=job.shots,
        variations=job.variations,
        is_ad=job.is_ad,
        cast=[str(cameo_id) for cameo_id in named],
        cast_replacements=replaced,
        sources=[Source(row.post_id, row.kind, row.ordinal) for row in job.sources.all()],
        challenge_id=job.challenge_id if entering.is_open(job.challenge_id) else None,
        from_post_id=Post.objects.visible_to(actor).filter(pk=job.inspired_by_id).values_list("pk", flat=True).first(),
        country=country,
        template=template,
    )
