"""The limits of those in a cast, asked of a job: what breaks one is refused, what may break one is for its owner."""

from collections.abc import Sequence

from cameos import casting
from cameos.models import Cameo
from sora_social.accounts.models import User
from sora_social.studio.models import Generation
from sora_social.studio.safety import Refusal

RULE = "cast_restriction"
_BEHIND = "What it is made from goes against a limit of somebody in the cast."


def refusal_of(
    cast: Sequence[Cameo], *, actor: User, texts: Sequence[str], behind: Sequence[str] = ()
) -> Refusal | None:
    """The first limit that these texts certainly break, or None. `texts` begins with the prompt; `behind` are the
    prompts of what the clip is made from: a limit that they break is named, their words are not shown."""
    for cameo, judgement in casting.judge_cast(cast, actor=actor, texts=[*texts, *behind]):
        for breach in judgement.breaches:
            is_own = breach.text_index < len(texts)
            return Refusal(
                "cast",
                RULE,
                f"@{cameo.handle}: {breach.message}" if is_own else _BEHIND,
                breach.suggestion if is_own else "Start from another post, or replace them in the cast.",
                (breach.start, breach.end) if breach.text_index == 0 else None,
                breach.limit,
            )
    return None


def texts_of(job: Generation) -> list[str]:
    """The words of a job: its prompt, then its shots."""
    return [job.prompt, *(shot["text"] for shot in job.shots)]
