"""A scene: scenery, actors and weather, painted moment by moment under a camera and a look."""

from dataclasses import dataclass
from typing import Protocol

from PIL import Image, ImageChops

from sora_social.studio.providers.preview.actors import Actor, cast_actors
from sora_social.studio.providers.preview.camera import Camera
from sora_social.studio.providers.preview.looks import LOOKS, Look
from sora_social.studio.providers.preview.palette import generator, palette_for
from sora_social.studio.providers.preview.places import PLACES
from sora_social.studio.providers.preview.planes import Canvas, grain_tile
from sora_social.studio.providers.preview.reading import Meaning
from sora_social.studio.providers.preview.stage import Layer, Stage
from sora_social.studio.providers.preview.weather import Effect, brew


class Painter(Protocol):
    """Anything that can paint a frame of its own moment `t`, in seconds from its beginning."""

    def paint(self, canvas: Canvas, t: float) -> None: ...


class Finish:
    """What a look lays over a whole frame: vignette, film grain, bars."""

    def __init__(self, look: Look, size: tuple[int, int], seed: int) -> None:
        self._look = look
        self._vignette = _vignette(size, look.vignette) if look.vignette else None
        self._bar = round(size[1] * 0.05) if look.bars else 0
        self._grains: list[Image.Image] = []
        if look.grain:
            tile = grain_tile(generator(seed, "film"), look.grain)
            whole = Image.new("L", (size[0] + 256, size[1] + 256))
            for x in range(0, whole.width, 256):
                for y in range(0, whole.height, 256):
                    whole.paste(tile, (x, y))
            self._grains = [
                whole.crop((dx, dy, dx + size[0], dy + size[1])) for dx, dy in ((0, 0), (97, 31), (41, 173), (201, 119))
            ]

    def paint(self, canvas: Canvas, t: float) -> None:
        if self._grains:
            grain = self._grains[int(t * 12) % len(self._grains)]
            canvas.y.paste(ImageChops.add(canvas.y, grain, 1, -128))
        if self._vignette is not None:
            canvas.tone(16, self._vignette)
        if self._bar:
            width, height = canvas.size
            for upper in (0, height - self._bar):
                canvas.y.paste(16, (0, upper, width, upper + self._bar))
                canvas.u.paste(128, (0, upper // 2, width // 2, (upper + self._bar) // 2))
                canvas.v.paste(128, (0, upper // 2, width // 2, (upper + self._bar) // 2))


def _vignette(size: tuple[int, int], strength: float) -> Image.Image:
    table = [round(max(0.0, (level - 96) / 159) ** 1.7 * 165 * strength) for level in range(256)]
    return Image.radial_gradient("L").resize(size, Image.Resampling.BILINEAR).point(table)


@dataclass(frozen=True)
class Scene:
    """One place with everything in it. With a `backdrop` its frames stand in for the scenery."""

    layers: tuple[Layer, ...]
    actors: tuple[Actor, ...]
    effects: tuple[Effect, ...]
    camera: Camera
    look: Look
    finish: Finish
    backdrop: Painter | None = None

    def paint(self, canvas: Canvas, t: float) -> None:
        pan = self.camera.pan(t)
        if self.backdrop is not None:
            self.backdrop.paint(canvas, t)
        for layer in self.layers:
            if layer.depth <= 1.0:
                layer.paint(canvas, t, pan)
        for actor in self.actors:
            actor.paint(canvas, t, pan)
        for layer in self.layers:
            if layer.depth > 1.0:
                layer.paint(canvas, t, pan)
        for effect in self.effects:
            effect.paint(canvas, t)
        zoom = self.camera.zoom(t)
        if zoom > 1.001:
            canvas.take(canvas.zoomed(zoom))
        if self.look.blocks:
            canvas.take(canvas.blocked(self.look.blocks))
        self.finish.paint(canvas, t)


def build_scene(meaning: Meaning, *, size: tuple[int, int], style: str, camera: str, seconds: float, seed: int,
                backdrop: Painter | None = None) -> Scene:  # fmt: skip
    """Draw everything a meaning asks for. `seed` decides all chances; the same arguments give the same scene."""
    look, place = LOOKS[style], PLACES[meaning.setting]
    chances = generator(seed, meaning.flavour, meaning.setting)
    stage = Stage(size[0], size[1], palette_for(meaning), look, meaning, max(seconds, 0.1), chances)
    if backdrop is None:
        place.build(stage)
    return Scene(
        layers=tuple(stage.layers),
        actors=tuple(cast_actors(stage, place)),
        effects=tuple(brew(stage, indoors=place.is_indoors)),
        camera=Camera(camera, stage.room, max(seconds, 0.1)),
        look=look,
        finish=Finish(look, size, seed),
        backdrop=backdrop,
    )
