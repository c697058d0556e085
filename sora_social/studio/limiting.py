"""Whom a job may not show: the limits of those in its cast, and the names that memorials closed.

What breaks a limit is refused, what may break one is for its owner.
"""

from collections.abc import Sequence

from cameos import casting, memorials
from cameos.limits import Judgement
from cameos.models import Cameo
from remix import lineage
from sora_social.posts.models import Post
from sora_social.studio.models import Generation
from sora_social.studio.safety import Refusal

ANCESTORS_READ = 50
RULE = "cast_restriction"
_BEHIND = "What it is made from goes against a limit of somebody in the cast."


def refusal_of(cast: Sequence[Cameo], job: Generation, *, behind: Sequence[str] | None = None) -> Refusal | None:
    """The first limit that a job certainly breaks, or None. A limit that the words behind it break is named, those
    words are not shown. `behind` are the prompts of what it is made from; when None they are looked up."""
    own = len(texts_of(job))
    for cameo, judgement in judged(cast, job, behind=behind):
        for breach in judgement.breaches:
            is_own = breach.text_index < own
            return Refusal(
                "cast",
                RULE,
                f"@{cameo.handle}: {breach.message}" if is_own else _BEHIND,
                breach.suggestion if is_own else "Start from another post, or replace them in the cast.",
                (breach.start, breach.end) if breach.text_index == 0 else None,
                breach.limit,
            )
    return None


def memorial_refusal(texts: Sequence[str], *, behind: Sequence[str] = ()) -> Refusal | None:
    """Why a job is not made that names somebody whom a memorial closed, or None. `texts` begins with the prompt."""
    closed = memorials.closed_names_in([*texts, *behind])
    if not closed:
        return None
    start = texts[0].casefold().find(closed[0])
    return Refusal(
        "prompt",
        "memorial",
        "Somebody who has died is named, and those who speak for them ask that they are not shown."
        if start >= 0
        else "Somebody in the words that this is made from has died, and is not shown here.",
        "Describe an invented person.",
        (start, start + len(closed[0])) if start >= 0 else None,
    )


def judged(
    cast: Sequence[Cameo], job: Generation, *, behind: Sequence[str] | None = None
) -> list[tuple[Cameo, Judgement]]:
    """What the limits of each of the cast say of a job, its words together with those that it is made from."""
    if not cast:
        return []
    told = _prompts_behind(job) if behind is None else behind
    return casting.judge_cast(cast, actor=job.owner, texts=[*texts_of(job), *told], is_ad=job.is_ad)


def texts_of(job: Generation) -> list[str]:
    """The words of a job: its prompt, then its shots."""
    return [job.prompt, *(shot["text"] for shot in job.shots)]


def _prompts_behind(job: Generation) -> list[str]:
    ids = set(job.sources.values_list("post_id", flat=True))
    for post_id in list(ids):
        ids.update(lineage.ancestor_ids(post_id, at_most=ANCESTORS_READ))
    return list(Post.objects.filter(pk__in=ids).order_by("pk").values_list("prompt", flat=True)) if ids else []
