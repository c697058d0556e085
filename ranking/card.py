"""The public ranking card: every number that decides the order, under one version."""

from __future__ import annotations

from functools import lru_cache

from ranking import features, rates, slate, value
from ranking.model import HeadModel
from ranking.weights import BASE_FEEDBACK_COUNT_24H, BUDGET, STARTING_WEIGHTS, Weights, content_version

NO_MODEL = "rates"


def ranking_card(weights: Weights = STARTING_WEIGHTS, model: HeadModel | None = None) -> dict[str, object]:
    """What decides the order of the For You feed, ready for JSON. `version` names the model and a hash of all the
    rest.
    """
    return {"version": policy_version(weights, model), **_content(weights, model)}


@lru_cache(maxsize=8)
def policy_version(weights: Weights, model: HeadModel | None = None) -> str:
    """The card's version, kept at hand for the impression log: at most 40 characters."""
    return f"{model.version if model else NO_MODEL}-{content_version(_content(weights, model))}"


def _content(weights: Weights, model: HeadModel | None) -> dict[str, object]:
    priors = model.baseline.priors if model else rates.BASE_RATES
    return {
        "feed": "for_you",
        "goal": "Led by the chance that seeing a post leads someone to make something; "
        "watch time is a capped tie-break.",
        "weights_version": weights.version,
        "weights": dict(zip(rates.HEADS, weights.heads, strict=True)),
        "budget": {group: dict(shares) for group, shares in BUDGET.items()},
        "probabilities": "trained" if model else "smoothed rates",
        "base_rates_are": "measured" if model else "assumed",
        "base_rates": {name: {"rate": prior.rate, "prior_trials": prior.strength} for name, prior in priors.items()},
        "creation": {
            "tie_bonus": weights.tie_bonus,
            "tie_shares": dict(value.TIE_SHARES),
            "tie_halfway_count": value.TIE_HALFWAY,
            "descent_mean": weights.descent_mean,
            "descent_prior_makings": value.DESCENT_STRENGTH,
            "descent_range": list(value.DESCENT_RANGE),
        },
        "topic_odds": rates.TOPIC_ODDS if model is None else None,
        "base_author_feedback_24h": BASE_FEEDBACK_COUNT_24H,
        "age": {"full_value_hours": value.FRESH_SECONDS / 3600, "half_life_hours": value.HALF_LIFE_SECONDS / 3600},
        "steer_range": [round(float(end), 3) for end in features.STEER_RANGE],
        "variety": {
            "mmr_lambda": slate.MMR_LAMBDA,
            "per_author_and_page": slate.PER_AUTHOR,
            "per_root_and_page": slate.PER_ROOT,
            "author_repeat_factor": slate.AUTHOR_REPEAT,
            "likeness": {"root": slate.SAME_ROOT, "author": slate.SAME_AUTHOR, "topics": slate.SAME_TOPICS},
        },
        "friends_share_of_page": slate.FRIENDS_SHARE,
        "exploration": {
            "share_of_page": slate.EXPLORATION_SHARE,
            "below_impressions": slate.EXPLORED_AT,
            "first_exposure_impressions": slate.FIRST_EXPOSURE,
            "uniform_share": slate.EXPLORATION_UNIFORM,
        },
    }
