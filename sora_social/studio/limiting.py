"""Whom a job may not show: the limits of those in its cast, and the names that memorials closed.

What breaks a limit is refused, what may break one is for its owner.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from cameos import casting, memorials
from cameos.limits import Judgement
from cameos.models import Cameo
from remix import lineage
from sora_social.posts.models import Post
from sora_social.studio.models import Generation, GenerationSource
from sora_social.studio.safety import Refusal

ANCESTORS_READ = 50
CHARACTERS_READ = 12_000  # of the prompts behind a job: reading takes up to 10 ms for 1,000
RULE = "cast_restriction"
_BEHIND = "What it is made from goes against a limit of somebody in the cast."


@dataclass(frozen=True)
class Behind:
    """Prompts of what a job is made from, each once, nearest first, by post. `is_cut` when there are more."""

    prompts: dict[int, str]
    is_cut: bool = False


def behind(post_ids: Sequence[int]) -> Behind:
    """The prompts of these posts and of the nearest ones behind them, as far as they are read."""
    ids = set(post_ids)
    for post_id in post_ids:
        ids.update(lineage.ancestor_ids(post_id, at_most=ANCESTORS_READ))
    read: dict[int, str] = {}
    known: set[str] = set()
    left = CHARACTERS_READ
    # what a post derives from is older than it
    for post_id, prompt in Post.objects.filter(pk__in=ids).order_by("-pk").values_list("pk", "prompt") if ids else ():
        if prompt in known:
            continue
        left -= len(prompt)
        if left < 0:
            return Behind(read, is_cut=True)
        known.add(prompt)
        read[post_id] = prompt
    return Behind(read)


def behind_job(job: Generation) -> Behind:
    """What a job's pictures bring with them; a template brings only its recipe, which is in the job's own words."""
    sources = GenerationSource.objects.with_picture().filter(generation=job)
    return behind(list(sources.values_list("post_id", flat=True)))


def refusal_of(cast: Sequence[Cameo], job: Generation, *, made_from: Behind | None = None) -> Refusal | None:
    """The first limit that a job certainly breaks, or None. When `made_from` is None it is looked up."""
    return refusal_in(judged(cast, job, made_from=made_from), job)


def refusal_in(judgements: Sequence[tuple[Cameo, Judgement]], job: Generation) -> Refusal | None:
    """The first breach as a refusal, or None. A limit that the words behind the job break is named, those words are
    not shown; nor are those of the others in the cast."""
    own = 0 if job.is_sealed else len(texts_of(job))
    for cameo, judgement in judgements:
        for breach in judgement.breaches:
            is_own = breach.text_index < own
            return Refusal(
                "cast",
                RULE,
                f"@{cameo.handle}: {breach.message}" if is_own else _BEHIND,
                breach.suggestion if is_own else "Start from another post, or replace them in the cast.",
                (breach.start, breach.end) if is_own and breach.text_index == 0 else None,
                breach.limit,
            )
    return None


def memorial_refusal(texts: Sequence[str], *, beside: Sequence[str] = ()) -> Refusal | None:
    """Why a job is not made that names somebody whom a memorial closed, or None. `texts` begins with the prompt,
    `beside` are words that are not the job's own."""
    closed = memorials.closed_names_in([*texts, *beside])
    if not closed:
        return None
    start = texts[0].casefold().find(closed[0])
    return Refusal(
        "prompt",
        "memorial",
        "Somebody who has died is named, and those who speak for them ask that they are not shown."
        if start >= 0
        else "Somebody in the words behind this, or in its cast, has died, and is not shown here.",
        "Describe an invented person.",
        (start, start + len(closed[0])) if start >= 0 else None,
    )


def judged(cast: Sequence[Cameo], job: Generation, *, made_from: Behind | None = None) -> list[tuple[Cameo, Judgement]]:
    """What the limits of each of the cast say of a job, its words together with those that it is made from."""
    if not cast:
        return []
    told = behind_job(job) if made_from is None else made_from
    return casting.judge_cast(
        cast,
        actor=job.owner,
        texts=[*texts_of(job), *told.prompts.values()],
        country=job.country,
        is_ad=job.is_ad,
        is_cut=told.is_cut,
    )


def texts_of(job: Generation) -> list[str]:
    """The words of a job: its prompt, then its shots."""
    return [job.prompt, *(shot["text"] for shot in job.shots)]


def told_texts(job: Generation) -> list[str]:
    """Those words of a job that its owner may read, the prompt first; and what they put into a template's slots."""
    sealed = job.sealed_parts
    prompt = "" if "prompt" in sealed else job.prompt
    shots = [] if "shots" in sealed else [shot["text"] for shot in job.shots]
    return [prompt, *shots, *(job.filled or {}).values()] if sealed else texts_of(job)


def sealed_texts(job: Generation) -> list[str]:
    """All words of a job of which its owner may not read some, else none."""
    return texts_of(job) if job.sealed_parts else []
