"""The model that ranks in this process: the live one of the database, noticed within seconds of its promotion.

What cannot be read never stops a page: the smoothed rates take over, the log says why, and a metric counts it.
"""

import threading
import time
from dataclasses import dataclass
from typing import Any, Final

import structlog
from django.db import DatabaseError

from feeds.metrics import BROKEN_MODELS
from feeds.models import RankingModel
from ranking.card import ranking_card
from ranking.model import HeadModel
from ranking.weights import STARTING_WEIGHTS, Weights
from sora_social.core.prepared import Prepared

log = structlog.get_logger(__name__)

LOOK_EVERY = 3.0  # seconds
_LIVE = Prepared(lambda: RankingModel.objects.live().values_list("pk"))


@dataclass(frozen=True)
class Serving:
    """What ranks now. Without a model the smoothed rates do; `row` is its row, 0 when there is none.

    `about` is what the public card tells of the model.
    """

    row: int
    weights: Weights
    model: HeadModel | None
    about: dict[str, Any] | None = None


RATES: Final = Serving(0, STARTING_WEIGHTS, None)

_lock = threading.Lock()
_serving = RATES
_looked_at = -LOOK_EVERY


def current() -> Serving:
    """What ranks now; asked of the database at most every few seconds, by one thread while the others go on."""
    if time.monotonic() - _looked_at >= LOOK_EVERY and _lock.acquire(blocking=False):
        try:
            _look()
        finally:
            _lock.release()
    return _serving


def look_again() -> None:
    """Ask the database at the next page: something was promoted or taken back here."""
    global _looked_at  # noqa: PLW0603 - one model per process
    _looked_at = -LOOK_EVERY


def card() -> dict[str, Any]:
    """The public ranking card of what ranks now."""
    now = current()
    return {**ranking_card(now.weights, now.model), "model": now.about}


def _look() -> None:
    global _serving, _looked_at  # noqa: PLW0603 - one model per process
    _looked_at = time.monotonic()
    try:
        found = _LIVE.rows()
        row = int(found[0][0]) if found else 0
        if row != _serving.row:
            _serving = _read(row) if row else RATES
            log.info("ranking_model", row=row, version=_serving.model.version if _serving.model else "rates")
    except DatabaseError as error:  # what ranked goes on; it is asked again in some seconds
        log.warning("ranking_model_not_looked_up", error=str(error))


def _read(row: int) -> Serving:
    """The model of this row; the rates, until another is promoted, when it cannot be read."""
    try:
        stored = RankingModel.objects.defer("estimators").get(pk=row)
        model = HeadModel.from_bytes(bytes(stored.serving))
        return Serving(row, Weights.from_json(stored.weights), model, _about(stored))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        BROKEN_MODELS.inc()
        log.error("ranking_model_broken", row=row, error=str(error))  # noqa: TRY400 - the sentence says it all
        return Serving(row, STARTING_WEIGHTS, None)


def _about(stored: RankingModel) -> dict[str, Any]:
    found = stored.metrics.get("comparison", {})
    return {
        "version": stored.version,
        "kind": stored.kind,
        "trained_at": stored.created_at,
        "impressions": stored.impression_count,
        "since": stored.since,
        "until": stored.until,
        "creation_ndcg": found.get("ndcg"),
        "calibration_error": found.get("error"),
        "auc": {step: told["auc"] for step, told in stored.metrics.get("steps", {}).items() if told["auc"] is not None},
    }
