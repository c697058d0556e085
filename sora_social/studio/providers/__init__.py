"""The seam behind which clips are made: orders in, files out, neutral of who makes them.

A provider is named by the setting `PROVIDER`: a built-in name, or the dotted path of a class of the operator's own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

OnProgress = Callable[[float], None]
_BUILT_IN = {"preview": "sora_social.studio.providers.previewing.Preview"}


class ProviderError(Exception):
    """The provider could not make it. `retryable` says whether another attempt may go better."""

    def __init__(self, message: str, *, code: str = "provider_error", retryable: bool) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.retryable = retryable


@dataclass(frozen=True)
class ShotOrder:
    text: str
    seconds: int


@dataclass(frozen=True)
class SourceFile:
    """A clip to make the new one from. Prompt and seed are there when it was made here; the file is not when somebody
    in it is replaced, and the scene must be made anew from both."""

    path: Path | None
    kind: str
    prompt: str = ""
    seed: int | None = None


@dataclass(frozen=True)
class CastOrder:
    """Somebody to appear: a name, a picture where there is one, and what they say of how they look."""

    name: str
    portrait: Path | None
    preferences: str = ""


@dataclass(frozen=True)
class Order:
    """One clip to make. `key` names it the same at every attempt, for providers that take an idempotency key."""

    key: str
    prompt: str
    negative_prompt: str
    seconds: int
    orientation: str
    style: str
    camera: str
    seed: int
    maker_handle: str
    shots: tuple[ShotOrder, ...] = ()
    sources: tuple[SourceFile, ...] = ()
    cast: tuple[CastOrder, ...] = ()


@dataclass(frozen=True)
class Rendered:
    """Finished files in the directory that was given."""

    video: Path
    poster: Path
    captions: Path | None = None


class Provider(Protocol):
    """`is_trained`: whether a model that learned from material makes the clips. One that does not say is taken to."""

    name: str
    model: str
    is_trained: bool

    def make(self, order: Order, *, directory: Path, on_progress: OnProgress) -> Rendered:
        """Make one clip. `on_progress` hears 0..1 and may raise to stop the work; let that pass.

        Raises ProviderError.
        """
        ...


def chosen() -> Provider:
    """The provider that new jobs go to."""
    return named(settings.PROVIDER)


@cache
def named(name: str) -> Provider:
    """A provider by its name. One instance serves the process."""
    provider: Provider = import_string(_BUILT_IN.get(name, name))()
    return provider


def is_trained(name: str) -> bool:
    return bool(getattr(named(name), "is_trained", True))
