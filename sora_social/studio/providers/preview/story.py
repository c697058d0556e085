"""The story: a recipe laid out in time, as segments that follow each other and lines that are spoken."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from sora_social.studio.providers.preview import footage, sound
from sora_social.studio.providers.preview.captions import Cue
from sora_social.studio.providers.preview.footage import Footage
from sora_social.studio.providers.preview.planes import Canvas
from sora_social.studio.providers.preview.reading import Meaning, apply, read_prompt
from sora_social.studio.providers.preview.recipe import Recipe, SourceClip
from sora_social.studio.providers.preview.scene import Painter, build_scene
from sora_social.studio.providers.preview.speech import Line, Samples, speak

MAX_SHOTS = 12
MAX_STITCHED = 8
PLACE_NAMES = {
    "sky": "Above the clouds",
    "field": "Meadow",
    "stage": "On stage",
    "room": "At home",
    "beach": "By the sea",
}
TIME_NAMES = {"noon": "", "night": "night", "dawn": "dawn", "sunset": "sunset"}


@dataclass(frozen=True)
class Segment:
    """A stretch of the clip; its painter is built when its turn comes, so that one scene is held at a time."""

    seconds: float
    build: Callable[[], Painter]


@dataclass(frozen=True)
class Story:
    """Segments in order, what the first one fades in from, the captions, the whole soundtrack and a short title."""

    segments: tuple[Segment, ...]
    opening: Canvas | None
    cues: tuple[Cue, ...]
    track: Samples
    has_speech: bool
    title: str


def tell(recipe: Recipe) -> Story:
    """Lay a recipe out. Raises UnreadableSource when a clip it is made from cannot be read."""
    stitched = [source for source in recipe.sources if source.kind == "stitch"][:MAX_STITCHED]
    base, seed = _base(recipe)
    new = read_prompt(recipe.prompt, negative=recipe.negative_prompt, seed=recipe.seed)
    meaning = apply(new, to=base) if base is not None else new
    if base is not None and not new.lines and any(source.kind == "remix" for source in recipe.sources):
        meaning = replace(meaning, lines=base.lines)  # "the same at night" still says what it said
    if stitched:
        segments, lines, track = _stitch(recipe, stitched), _lines(meaning, 0.3), _stitched_track(recipe, stitched)
    elif recipe.shots:
        segments, lines = _storyboard(recipe, meaning, seed)
        track = sound.compose(meaning, seconds=recipe.seconds, seed=seed)
    else:
        segments, lines = (
            [Segment(recipe.seconds, _scene(recipe, meaning, seed, recipe.seconds))],
            _lines(meaning, 0.35),
        )
        track = sound.compose(meaning, seconds=recipe.seconds, seed=seed)
    cues, spoken = speak(lines, seconds=recipe.seconds)
    extended = next((source for source in recipe.sources if source.kind == "extend"), None)
    return Story(
        segments=tuple(segments),
        opening=footage.last_frame(extended.path, recipe.size) if extended else None,
        cues=tuple(cues),
        track=sound.blend(track, spoken),
        has_speech=spoken is not None,
        title="" if recipe.sources or recipe.shots or (cues and cues[0].start < 2.3) else _title(meaning),
    )


def _base(recipe: Recipe) -> tuple[Meaning | None, int]:
    """The source's own scene and seed, when the recipe changes or continues a clip whose words are known."""
    for source in recipe.sources:
        if source.kind in {"remix", "extend"} and source.prompt:
            seed = recipe.seed if source.seed is None else source.seed
            return read_prompt(source.prompt, negative=recipe.negative_prompt, seed=seed), seed
    return None, recipe.seed


def _scene(recipe: Recipe, meaning: Meaning, seed: int, seconds: float) -> Callable[[], Painter]:
    remixed = next((source for source in recipe.sources if source.kind == "remix" and not source.prompt), None)

    def build() -> Painter:
        backdrop = Footage(remixed.path, recipe.size, seconds=seconds) if remixed else None
        return build_scene(
            meaning,
            size=recipe.size,
            style=recipe.style,
            camera=recipe.camera,
            seconds=seconds,
            seed=seed,
            backdrop=backdrop,
        )

    return build


def _lines(meaning: Meaning, start: float) -> list[Line]:
    return [Line(text, start, speaker) for speaker, text in enumerate(meaning.lines)]


def _storyboard(recipe: Recipe, meaning: Meaning, seed: int) -> tuple[list[Segment], list[Line]]:
    """The shots, their lengths scaled to the clip's; each applies its own words to the whole prompt's scene."""
    shots = [replace(shot, seconds=min(max(shot.seconds, 0.25), 60.0)) for shot in recipe.shots[:MAX_SHOTS]]
    scale = recipe.seconds / sum(shot.seconds for shot in shots)
    segments, lines, start = list[Segment](), _lines(meaning, 0.3), 0.0
    for shot in shots:
        own = read_prompt(shot.text, negative=recipe.negative_prompt, seed=seed)
        shown = replace(apply(own, to=meaning), flavour=own.flavour ^ meaning.flavour)
        if own.subjects:
            shown = replace(shown, subjects=own.subjects)
        segments.append(Segment(shot.seconds * scale, _scene(recipe, shown, seed, shot.seconds * scale)))
        lines += _lines(replace(own, lines=own.lines), start + 0.2)
        start += shot.seconds * scale
    return segments, sorted(lines, key=lambda line: line.start)


def _stitch(recipe: Recipe, sources: Sequence[SourceClip]) -> list[Segment]:
    seconds = recipe.seconds / len(sources)
    return [Segment(seconds, partial(Footage, source.path, recipe.size, seconds=seconds)) for source in sources]


def _stitched_track(recipe: Recipe, sources: Sequence[SourceClip]) -> Samples:
    parts = [footage.soundtrack(source.path, seconds=recipe.seconds / len(sources)) for source in sources]
    return np.concatenate(parts)


def _title(meaning: Meaning) -> str:
    """Two words about where and when: all the text a picture needs."""
    place = PLACE_NAMES.get(meaning.setting, meaning.setting)
    return " · ".join(filter(None, (place, TIME_NAMES[meaning.time])))
