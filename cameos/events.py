"""What happens to cameos that others act upon."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RecordingStored:
    """Somebody uploaded what a cameo is made of: the checks may begin."""

    cameo_id: int


@dataclass(frozen=True)
class LikenessRefused:
    """A cameo was rejected: the files of its enrolment, which no row names any more, must be destroyed."""

    keys: tuple[str, ...]


@dataclass(frozen=True)
class CameoActivated:
    """A cameo came in force: it can be cast, and found, by its owner to begin with."""

    cameo_id: int


@dataclass(frozen=True)
class ConsentNarrowed:
    """Some who could cast a cameo may not any more: what they have under way must be asked again.

    Appearances up to `after_id` were asked already: it is done a part at a time.
    """

    cameo_id: int
    after_id: int = 0


@dataclass(frozen=True)
class ConsentRevoked:
    """Appearances of a cameo lapsed at once. `deletes` says whether the files of their clips go, too.

    Those up to `after_id` were seen to already: a revocation is settled a part at a time.
    """

    cameo_id: int
    deletes: bool
    after_id: int = 0


@dataclass(frozen=True)
class CastRequestAnswered:
    """An owner approved or declined a draft, or did not answer in time."""

    draft_id: int


@dataclass(frozen=True)
class CameoErased:
    """A cameo is gone: what was stored of it must be destroyed."""

    cameo_id: int
