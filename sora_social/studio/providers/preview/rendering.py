"""Rendering: from a recipe to a marked clip, frame by frame."""

import math
from collections.abc import Callable
from pathlib import Path

from sora_social.studio.providers.preview.captions import Subtitles, Title, write_vtt
from sora_social.studio.providers.preview.encoding import SOUND_RATE, Reel, save_poster
from sora_social.studio.providers.preview.lettering import Lettering
from sora_social.studio.providers.preview.looks import LOOKS
from sora_social.studio.providers.preview.mark import Mark
from sora_social.studio.providers.preview.planes import Canvas
from sora_social.studio.providers.preview.portraits import CastRow
from sora_social.studio.providers.preview.recipe import Recipe, Rendered
from sora_social.studio.providers.preview.scene import Painter
from sora_social.studio.providers.preview.story import Story, tell

DISSOLVE = 0.5  # seconds from one segment to the next
POSTER_AT = 0.45  # share of the clip


def render(recipe: Recipe, *, directory: Path, on_progress: Callable[[float], None]) -> Rendered:
    """Make a clip: `clip.mp4`, `poster.jpg` and, where somebody speaks, `captions.vtt` in a directory.

    `on_progress` hears 0..1 several times per second of picture, and may raise to stop the work: then, as after any
    error, no file is left. Raises UnreadableSource when a clip this one is made from cannot be read.
    """
    directory.mkdir(parents=True, exist_ok=True)
    video, poster, captions = directory / "clip.mp4", directory / "poster.jpg", directory / "captions.vtt"
    try:
        on_progress(0.0)
        story = tell(recipe)
        _shoot(recipe, story, video=video, poster=poster, on_progress=on_progress)
        if story.cues:
            write_vtt(story.cues, captions)
        on_progress(1.0)
    except BaseException:
        for path in (video, poster, captions):
            path.unlink(missing_ok=True)
        raise
    width, height = recipe.size
    return Rendered(
        video=video,
        poster=poster,
        captions=captions if story.cues else None,
        width=width,
        height=height,
        duration_ms=recipe.frame_count * 1000 // recipe.fps,
        has_speech=story.has_speech,
    )


def _shoot(recipe: Recipe, story: Story, *, video: Path, poster: Path, on_progress: Callable[[float], None]) -> None:
    lettering = Lettering(recipe.font)
    overlays = (
        CastRow(recipe.cast, recipe.size, lettering, LOOKS[recipe.style]),
        Title(story.title, recipe.size, lettering),
        Subtitles(story.cues, recipe.size, lettering),
    )
    cut = _Cutter(story, hold=LOOKS[recipe.style].hold / recipe.fps)
    canvas = Canvas.blank(recipe.size)
    poster_at = round(recipe.frame_count * POSTER_AT)
    with Reel(video, size=recipe.size, fps=recipe.fps, mark=Mark(recipe.maker_handle, recipe.size)) as reel:
        for index in range(recipe.frame_count):
            if index % recipe.fps == 0:
                second = index // recipe.fps
                reel.write_sound(story.track[second * SOUND_RATE : (second + 1) * SOUND_RATE])
            if index % max(1, recipe.fps // 4) == 0:
                on_progress(index / recipe.frame_count * 0.99)
            t = index / recipe.fps
            frame = cut.paint(canvas, t)
            for overlay in overlays:
                overlay.paint(frame, t)
            shown = reel.write(frame)
            if index == poster_at:
                save_poster(shown, poster)


class _Cutter:
    """Plays the segments of a story one after the other, each dissolving in from the last picture before it."""

    def __init__(self, story: Story, *, hold: float) -> None:
        self._segments = iter(story.segments)
        self._before = story.opening
        self._hold = hold
        self._start = self._end = 0.0
        self._painter: Painter | None = None

    def paint(self, canvas: Canvas, t: float) -> Canvas:
        """The picture at `t` seconds; `canvas` still holds the one before."""
        while t >= self._end - 1e-6 and (segment := next(self._segments, None)) is not None:
            if t > 0:
                self._before = canvas.copy()
            self._painter = None  # let go of the old scene before the new one is drawn
            self._painter = segment.build()
            self._start, self._end = self._end, self._end + segment.seconds
        local = t - self._start
        if self._painter is not None:
            self._painter.paint(canvas, math.floor(local / self._hold + 1e-6) * self._hold)
        if self._before is not None and local < DISSOLVE:
            return self._before.blended(canvas, local / DISSOLVE)
        return canvas
