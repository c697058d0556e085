"""The cast, and the ways to put them on a stage with real engines."""

import gc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from pytest_django.plugin import DjangoDbBlocker
from rest_framework.test import APIClient

from feeds import logbook
from feeds.learning import serving_model
from sora_social.accounts.models import User
from sora_social.core import bus, outbox, tallies
from sora_social.core.prepared import Prepared
from tests import cast, engines

Api = Callable[[User | None], APIClient]


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The plugin `tests.engines` made the database; nothing is left to set up."""
    yield
    with django_db_blocker.unblock():
        for connection in connections.all():
            connection.close()


# the log of impressions is written when a test asks for it, in the test's own transaction
logbook.FLUSH_SECONDS = 3600.0


@pytest.fixture(autouse=True)
def _clean_slate() -> Iterator[None]:
    bus.client().flushdb()
    yield
    while not logbook._waiting.empty():
        logbook._waiting.get()
    serving_model._serving = serving_model.RATES
    serving_model.look_again()


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A database of the test's own where transactions really commit: for races, processes and sockets.

    Afterwards it is made anew from the template; the append-only tables could not be emptied in any other way.
    """
    with django_db_blocker.unblock():
        yield
        for connection in connections.all():
            connection.close()
        engines.copy_database(engines.DATABASE)


@cache
def _handler() -> Any:
    """All clients share one: each of its own would look through all static files."""
    handler: Any = APIClient().handler
    handler.load_middleware()
    return handler


@pytest.fixture
def api() -> Api:
    """A client of the HTTP API, signed in as somebody, or as nobody."""

    def client_of(person: User | None) -> APIClient:
        client = APIClient()
        client.handler = _handler()
        client.default_format = "json"
        if person is not None:
            client.credentials(HTTP_X_SESSION_TOKEN=cast.session_token(person))
        return client

    return client_of


@pytest.fixture
def compile_anew() -> Iterator[Callable[[], None]]:
    """Compile hot queries anew: a test changed what they are made of, and changes it back in the end."""

    def forget() -> None:
        for thing in gc.get_objects():
            if issubclass(type(thing), Prepared):
                vars(thing).pop("_compiled", None)
                vars(thing).pop("_instances", None)

    yield forget
    forget()


@pytest.fixture
def settle() -> Callable[[], None]:
    """Let everything that follows from what was done be done: events handled, counts folded."""

    def settled() -> None:
        while outbox.relay():
            pass
        while tallies.fold():
            pass

    return settled


@pytest.fixture
def at_once() -> Callable[[Callable[[int], Any], int], list[Any]]:
    """Call something many times at the same moment; what each call gave or raised."""

    def race(act: Callable[[int], Any], times: int) -> list[Any]:
        barrier = Barrier(times)

        def one(number: int) -> Any:
            barrier.wait()
            try:
                return act(number)
            except Exception as error:
                return error
            finally:
                for connection in connections.all():
                    connection.close()

        with ThreadPoolExecutor(times) as pool:
            return list(pool.map(one, range(times)))

    return race


@pytest.fixture
def ada(db: None) -> User:
    return cast.person("ada")


@pytest.fixture
def bo(db: None) -> User:
    return cast.person("bo")


@pytest.fixture
def cy(db: None) -> User:
    return cast.person("cy")


@pytest.fixture
def mallory(db: None) -> User:
    """Means harm, and has an account."""
    return cast.person("mallory")


@pytest.fixture
def teen(db: None) -> User:
    return cast.person("teen", age=15)


@pytest.fixture
def mod(db: None) -> User:
    return cast.moderator("mod")
