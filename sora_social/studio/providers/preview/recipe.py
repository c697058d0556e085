"""What the preview renderer is asked for, and what it hands back."""

import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Orientation = Literal["portrait", "landscape", "square"]
SourceKind = Literal["remix", "stitch", "extend"]

STYLES = ("none", "film", "anime", "noir", "pastel", "claymation", "pixel", "neon")
CAMERAS = ("", "static", "pan", "zoom", "orbit", "handheld")
MAX_PROMPT = 2_000
MAX_SECONDS = 15


@dataclass(frozen=True)
class Shot:
    """One storyboard panel: what it shows, and its length in seconds."""

    text: str
    seconds: float


@dataclass(frozen=True)
class SourceClip:
    """A clip this one is made from.

    With `prompt` and `seed` a remix rebuilds the source's own scene and applies the new words to it. Without them
    the source's moving picture itself is the backdrop.
    """

    path: Path
    kind: SourceKind
    prompt: str = ""
    seed: int | None = None


@dataclass(frozen=True)
class Portrait:
    """A cast member: a name, and a picture of them when there is one."""

    name: str
    image: Path | None = None


@dataclass(frozen=True)
class Recipe:
    """Everything that decides a clip. The same recipe gives the same frames.

    Raises ValueError for a length, orientation, style, camera or size outside the published ones; the texts may be
    anything at all. `font` is an optional font file of the operator's, for scripts the built-in letters lack.
    """

    prompt: str
    seconds: int
    orientation: Orientation = "portrait"
    style: str = "none"
    camera: str = ""
    seed: int = 0
    maker_handle: str = ""
    negative_prompt: str = ""
    shots: tuple[Shot, ...] = ()
    sources: tuple[SourceClip, ...] = ()
    cast: tuple[Portrait, ...] = ()
    short_edge: int = 480
    fps: int = 24
    font: Path | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if not 1 <= self.seconds <= MAX_SECONDS:
            raise ValueError(f"seconds must be between 1 and {MAX_SECONDS}")
        if self.orientation not in {"portrait", "landscape", "square"}:
            raise ValueError("unknown orientation")
        if self.style not in STYLES:
            raise ValueError("unknown style")
        if self.camera not in CAMERAS:
            raise ValueError("unknown camera")
        if not 96 <= self.short_edge <= 1080 or self.short_edge % 2:
            raise ValueError("short_edge must be even, between 96 and 1080 pixels")
        if not 8 <= self.fps <= 60:
            raise ValueError("fps must be between 8 and 60")

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels, both even; the long edge is 16/9 of the short one."""
        short, long = self.short_edge, 2 * round(self.short_edge * 8 / 9)
        return {"portrait": (short, long), "landscape": (long, short), "square": (short, short)}[self.orientation]

    @property
    def frame_count(self) -> int:
        return self.seconds * self.fps


@dataclass(frozen=True)
class Rendered:
    """The finished files. `captions` is there when somebody speaks; `has_speech` says the voice can be heard."""

    video: Path
    poster: Path
    captions: Path | None
    width: int
    height: int
    duration_ms: int
    has_speech: bool


def clean(text: str, limit: int = MAX_PROMPT) -> str:
    """Make any text safe to read and draw: composed, at most `limit` characters, no controls or lone surrogates."""
    composed = unicodedata.normalize("NFC", text[: limit * 2])
    kept = (" " if char.isspace() else char for char in composed if char.isspace() or _is_sound(char))
    return "".join(kept)[:limit]


def _is_sound(char: str) -> bool:
    return unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn"}
