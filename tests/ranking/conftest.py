"""A model that was really trained, once for all tests that ask for one."""

import pytest

from ranking import training
from ranking.model import HeadModel
from ranking.training import Log, Recipe
from tests.ranking.world import a_log


@pytest.fixture(scope="session")
def known_log() -> Log:
    return a_log(1_500, seed=1)


@pytest.fixture(scope="session")
def recipe(known_log: Log) -> Recipe:
    return training.fit(known_log)


@pytest.fixture(scope="session")
def trained(recipe: Recipe) -> HeadModel:
    return training.fold(recipe)
