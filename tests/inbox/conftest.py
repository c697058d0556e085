from tests.journeys.conftest import at_once  # noqa: F401 - races
