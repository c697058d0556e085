"""The ranker's models: trained on the impression log, judged against the one that is live, promoted, taken back.

A model goes live when it orders what people made something of better than the live one, on the newest impressions that
it has not seen, and does not say less true probabilities. scikit-learn is imported where a worker or a command needs
it, and nowhere on the way to a page.
"""

import dataclasses
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog
from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import Sum
from django.db.models.functions import Now
from django.utils import timezone

from feeds.learning import artefacts, serving_model, training_log
from feeds.models import Exposure, ModelState, RankingModel
from feeds.moments import served_at
from ranking.model import BrokenModel, HeadModel
from ranking.weights import DESCENT_MEAN, Weights
from sora_social.core.errors import Conflict, NotFound

if TYPE_CHECKING:
    from ranking.judging import Comparison
    from ranking.training import Log

log = structlog.get_logger(__name__)

KIND = "linear"
AGAIN_AFTER = timedelta(hours=20)  # a daily model, however often it is asked for
TRAINING_AT_MOST = 1800  # seconds: afterwards whoever began is taken for dead
_TRAINING = "ranker-is-training"
DESCENTS_ASSUMED = 50.0  # makings at the assumed mean, before the measured one outweighs it


# trained


def train_daily() -> None:
    """What the beat asks for every hour: a model a day, promoted if better and if the settings say so.

    A second worker that is asked while one trains leaves it to that one. Too little to learn from is no error.
    """
    if RankingModel.objects.filter(created_at__gt=timezone.now() - AGAIN_AFTER).exists():
        return
    if not cache.add(_TRAINING, 1, timeout=TRAINING_AT_MOST):
        return
    from ranking.training import TooLittle

    try:
        train(promote_if_better=settings.RANKER_PROMOTES)
    except TooLittle as why:
        log.info("ranker_not_trained", why=str(why))
    finally:
        cache.delete(_TRAINING)


def train(*, promote_if_better: bool = False) -> RankingModel:
    """Learn from the log as it is now. The model is a candidate, whose verdict says how it fared against the live one.

    The same log gives the same model, and then it is the one that is there already. Raises ranking.training.TooLittle
    with what is missing.
    """
    from ranking import judging, training

    until = timezone.now()
    shown = training_log.read(
        until=until,
        since=until - timedelta(days=settings.TRAINING_DAYS),
        at_most=settings.TRAINING_IMPRESSIONS,
    )
    seen = training.Log(
        shown.features, shown.topics, shown.position, shown.page, shown.scroll, shown.viewer, shown.acted
    )
    recipe = training.fit(seen)
    model = training.fold(recipe)
    weights = training.weights_of(seen, descent_mean=_descent_mean())
    live = RankingModel.objects.live().first()
    served = serving_model.current()
    of_live = served.model if live is not None and served.row == live.pk else _readable(live)
    newest = seen.cut()[2]
    comparison = judging.compare(judging.predicted_by(model), judging.predicted_by(of_live), newest, weights)
    made, created = RankingModel.objects.get_or_create(
        version=model.version,
        defaults={
            "kind": KIND,
            "since": served_at(int(seen.page[0])),
            "until": served_at(int(seen.page[-1])),
            "impression_count": len(seen),
            "metrics": _metrics(model, of_live, seen, weights, comparison),
            "verdict": comparison.objection or _praise(comparison),
            "weights": weights.as_json(),
            "serving": model.to_bytes(),
            "estimators": artefacts.stored(recipe),
        },
    )
    log.info("ranker_trained", version=made.version, created=created, verdict=made.verdict)
    if promote_if_better and not comparison.objection and made.state == ModelState.CANDIDATE:
        verify(made.pk)
        promote(made.pk, reason=made.verdict)
        made.refresh_from_db()
    return made


def _praise(found: "Comparison") -> str:
    return (
        f"Creation NDCG {found.ndcg:.4f} against {found.live_ndcg:.4f} "
        f"({found.difference:+.4f}, 95 % {found.low:+.4f} … {found.high:+.4f}, {found.scrolls} scrolls)."
    )


def _readable(live: RankingModel | None) -> HeadModel | None:
    """The live model, or None where there is none that this version can read: the smoothed rates rank then."""
    if live is None:
        return None
    try:
        return HeadModel.from_bytes(bytes(live.serving))
    except BrokenModel:
        return None


def _descent_mean() -> float:
    sums = Exposure.objects.filter(descent_count__gt=0).aggregate(
        logs=Sum("descent_log_sum"), count=Sum("descent_count")
    )
    assumed = DESCENT_MEAN * DESCENTS_ASSUMED
    return float(((sums["logs"] or 0.0) + assumed) / ((sums["count"] or 0) + DESCENTS_ASSUMED))


def _metrics(
    model: HeadModel, live: HeadModel | None, seen: "Log", weights: Weights, comparison: "Comparison"
) -> dict[str, Any]:
    """Everything that is told of a model, of the impressions that it was judged on."""
    from ranking import judging

    fitting, _, newest = seen.cut()
    kept = ("log_loss", "auc", "calibration_error")
    of_live = judging.report(judging.predicted_by(live), newest)
    return {
        "comparison": dataclasses.asdict(comparison),
        "against": live.version if live else "rates",
        "judged_impressions": len(newest),
        "steps": judging.report(judging.predicted_by(model), newest),
        "live_steps": {step: {name: told[name] for name in kept} for step, told in of_live.items()},
        "trees": judging.challenge(fitting, newest, weights),
        "groups": judging.group_shares(model, newest, weights),
        "budget": judging.value_shares(model, newest, weights),
        "base_rates": {step: prior.rate for step, prior in model.baseline.priors.items()},
    }


# promoted, and taken back


def id_of(version: str) -> int:
    """The row of a version. Raises NotFound."""
    found = RankingModel.objects.filter(version=version).values_list("pk", flat=True).first()
    if found is None:
        raise NotFound(f"There is no model {version}.")
    return int(found)


def verify(model_id: int) -> None:
    """That what is served is what the estimators say, and that these hold nothing else. Needs scikit-learn.

    Raises NotFound, and BrokenModel when they differ or cannot be read.
    """
    from ranking import training

    row = RankingModel.objects.filter(pk=model_id).first()
    if row is None:
        raise NotFound
    if training.fold(artefacts.read(bytes(row.estimators))).version != row.version:
        raise BrokenModel("the estimators are not those that the model was folded from")
    _require_readable(row)


def promote(model_id: int, *, reason: str) -> None:
    """Let a model rank, from the next seconds on, in every process. Who was live is kept, to go back to.

    Raises NotFound, Conflict when it is live already or cannot be read.
    """
    with transaction.atomic():
        _take_turn()
        row = _row(model_id)
        if row.state == ModelState.LIVE:
            raise Conflict("This model is live already.")
        try:
            _require_readable(row)
        except BrokenModel as error:
            raise Conflict(f"This model cannot be served: {error}.", code="model_broken") from error
        live = RankingModel.objects.live().without_bytes().first()
        if live is not None:
            live.state = ModelState.RETIRED
            live.save(update_fields=["state"])
        row.state, row.previous, row.reason, row.promoted_at = ModelState.LIVE, live, reason, Now()
        row.save(update_fields=["state", "previous", "reason", "promoted_at"])
    serving_model.look_again()
    log.info("ranker_promoted", version=row.version, before=live.version if live else "rates")


def roll_back(model_id: int | None = None, *, reason: str) -> RankingModel | None:
    """Take the live model back: the one before it ranks again, or the smoothed rates when there was none.

    `model_id` is the one that is thought to be live. Returns who is live now. Raises Conflict when no model is live, or
    another one, and when the one before cannot be read.
    """
    with transaction.atomic():
        _take_turn()
        live = RankingModel.objects.live().without_bytes().first()
        if live is None:
            raise Conflict("No model is live: the smoothed rates rank.")
        if model_id not in {None, live.pk}:
            raise Conflict(f"This model is not live: {live.version} is.")
        before = None if live.previous_id is None else _row(live.previous_id)
        try:
            if before is not None:
                _require_readable(before)
        except BrokenModel as error:
            raise Conflict(f"The model before cannot be served: {error}.", code="model_broken") from error
        live.state, live.reason = ModelState.RETIRED, reason
        live.save(update_fields=["state", "reason"])
        if before is not None:
            before.state, before.promoted_at = ModelState.LIVE, Now()
            before.save(update_fields=["state", "promoted_at"])
    serving_model.look_again()
    log.info("ranker_rolled_back", version=live.version, to=before.version if before else "rates")
    return before


def _take_turn() -> None:
    """One promotion at a time, until its transaction ends: where none is live there is no row to lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('ranking model', 0))")


def _row(model_id: int) -> RankingModel:
    row = RankingModel.objects.select_for_update().filter(pk=model_id).first()
    if row is None:
        raise NotFound
    return row


def _require_readable(row: RankingModel) -> None:
    """Raises BrokenModel unless these bytes are the model of this version, and its weights are whole."""
    if HeadModel.from_bytes(bytes(row.serving)).version != row.version:
        raise BrokenModel("its bytes are those of another")
    try:
        Weights.from_json(row.weights)
    except ValueError as error:
        raise BrokenModel(str(error)) from error
