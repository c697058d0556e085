"""Several processes that do the same at once, each with Django and connections of its own."""

import multiprocessing
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from os import environ
from typing import Any


def _wake() -> None:
    import django

    django.setup()


def in_processes(act: Callable[..., Any], cases: Sequence[tuple[Any, ...]], **settings: str) -> list[Any]:
    """What `act` gave for each case, each in a process of its own; `settings` are environment variables for them."""
    with (
        _environment(settings),
        ProcessPoolExecutor(len(cases), multiprocessing.get_context("spawn"), initializer=_wake) as pool,
    ):
        return [each.result() for each in [pool.submit(act, *case) for case in cases]]


@contextmanager
def _environment(settings: Mapping[str, str]) -> Iterator[None]:
    before = {name: environ.get(name) for name in settings}
    environ.update(settings)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del environ[name]
            else:
                environ[name] = value
