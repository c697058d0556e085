"""A model that was trained on a log whose truth is known, and ways to put it in the database."""

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from feeds.learning import artefacts
from feeds.models import RankingModel
from ranking import training
from ranking.training import Log, Recipe
from ranking.weights import STARTING_WEIGHTS
from tests.ranking.world import a_log


@pytest.fixture(scope="session")
def known_log() -> Log:
    return a_log(900, seed=11)


@pytest.fixture(scope="session")
def recipe(known_log: Log) -> Recipe:
    return training.fit(known_log)


@pytest.fixture
def keep_model() -> Callable[..., RankingModel]:
    """Write a candidate as training would, without training it."""

    def kept(recipe: Recipe, **fields: Any) -> RankingModel:
        model = training.fold(recipe)
        given = {
            "version": model.version,
            "kind": "linear",
            "since": timezone.now(),
            "until": timezone.now(),
            "impression_count": 18_000,
            "metrics": {},
            "verdict": "Kept for a test.",
            "weights": STARTING_WEIGHTS.as_json(),
            "serving": model.to_bytes(),
            "estimators": artefacts.stored(recipe),
        }
        return RankingModel.objects.create(**{**given, **fields})

    return kept


@pytest.fixture(scope="session")
def another(known_log: Log) -> Recipe:
    """A second model, of a younger part of the same log."""
    return training.fit(known_log.part(2_000, len(known_log)))
