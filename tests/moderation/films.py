"""A short film that browsers play, taken in like any clip."""

from pathlib import Path

from sora_social.media import intake
from sora_social.media.models import Clip
from tests import cast
from tests.clips import write_poster, write_video

WIDTH, HEIGHT = 180, 320
SECONDS = 3


def stored_clip(folder: Path, *, number: int) -> Clip:
    """A film of its own for each number, in the storage, and its row."""
    video = write_video(
        folder / f"{number}.mp4", seconds=SECONDS, size=(WIDTH, HEIGHT), fps=24, bright=60 + 35 * number, seed=number
    )
    poster = write_poster(folder / f"{number}.jpg")
    clip = intake.store_clip(video=video, poster=poster, captions=None, seconds=SECONDS, statement=cast.statement())
    clip.save()
    return clip
