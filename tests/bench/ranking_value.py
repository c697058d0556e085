"""V1: value, calibration and diversity for 500 candidates, against what six boosted models alone would take."""

import statistics
import time
from collections.abc import Callable, Iterator

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from ranking import training
from ranking.features import FEATURES
from ranking.order import rank
from ranking.rates import STEPS
from ranking.weights import STARTING_WEIGHTS
from tests.bench.report import Row, spread
from tests.ranking.world import a_log, a_world

CANDIDATES = 500
PAGE = 20
BOOSTED = ("open", "submit", "publish", "like", "long_view", "see_less")


def run(*, pages: int = 1_500, rounds: int = 5, times: int = 50) -> Iterator[Row]:
    """Both sides on one core: a thread of the server has no more, and threads that wait for each other decide nothing.

    Ours is `rank` for a page, with a model that was really trained: expansion, one matrix product, calibration of 14
    steps, 11 heads, value, and the slate of the page. Theirs is `predict_proba` alone, of six models trained on the
    same log (100 trees each), without anything around it.
    """
    log = a_log(pages, seed=1)
    model = training.fold(training.fit(log))
    candidates = a_world(CANDIDATES, seed=3)
    ours: list[float] = []
    theirs: list[float] = []
    with threadpool_limits(1):
        trees = [
            HistGradientBoostingClassifier(max_iter=100, early_stopping=False, random_state=0).fit(
                log.features, log.acted[:, STEPS.index(step)]
            )
            for step in BOOSTED
        ]
        for _ in range(rounds):
            ours.append(
                _seconds(lambda: rank(candidates, weights=STARTING_WEIGHTS, model=model, seed=1, limit=PAGE), times)
            )
            theirs.append(_seconds(lambda: [tree.predict_proba(candidates.features) for tree in trees], times))
    ratios = [mine / other for mine, other in zip(ours, theirs, strict=True)]
    yield Row(
        "V1",
        f"value, calibration and diversity: {CANDIDATES} candidates × {len(FEATURES)} features, {len(STEPS)} steps, "
        f"the slate of {PAGE} places; other side: `predict_proba` of {len(BOOSTED)} boosted models. Processor time",
        f"{1000 * statistics.median(ours):.2f} ms",
        f"{1000 * statistics.median(theirs):.1f} ms",
        f"{spread(ratios, 3)}×",
        "≤ 0.05×",
        statistics.median(ratios) <= 0.05,
    )


def _seconds(act: Callable[[], object], times: int) -> float:
    """Processor time of one call, the median of many."""
    act()
    taken = []
    for _ in range(times):
        began = time.process_time()
        act()
        taken.append(time.process_time() - began)
    return float(np.median(taken))
