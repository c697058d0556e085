"""A stage: the size, light, look and chances a scene is built with, and the layers it is built of."""

import math
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from PIL import Image

from sora_social.studio.providers.preview.drawing import Board, Point, glow, ridge, vertical
from sora_social.studio.providers.preview.looks import Look
from sora_social.studio.providers.preview.palette import BLACK, WHITE, Colour, Palette, luma, mix
from sora_social.studio.providers.preview.planes import Canvas, Sprite, grain_tile, sprite_of
from sora_social.studio.providers.preview.reading import Meaning


@dataclass(frozen=True)
class Layer:
    """A sheet of scenery. A deeper one (`depth` near 0) follows the camera less than a near one (1 and above)."""

    sprite: Sprite
    x: float
    y: float
    depth: float
    drift: float = 0.0
    sway: float = 0.0
    period: float = 6.0
    rise: float = 0.0
    turn: float = 0.0

    def paint(self, canvas: Canvas, t: float, pan: Point) -> None:
        """Lay the sheet as it is at `t` seconds, the camera moved by `pan` pixels."""
        swing = math.sin((t / self.period + self.turn) * math.tau)
        x = self.x + self.drift * t + self.sway * swing - pan[0] * self.depth
        y = self.y + self.rise * swing - pan[1] * self.depth
        canvas.blit(self.sprite, x, y)


@dataclass(frozen=True)
class Stage:
    """Where a scene is built. `room` is how far, in pixels, the camera may move to either side."""

    width: int
    height: int
    palette: Palette
    look: Look
    meaning: Meaning
    seconds: float
    generator: np.random.Generator
    layers: list[Layer] = field(default_factory=list)

    @property
    def short(self) -> int:
        return min(self.width, self.height)

    @property
    def room(self) -> float:
        return self.width * 0.14

    @property
    def wide(self) -> float:
        """The width of a layer that the camera never leaves, in pixels."""
        return self.width + self.room * 2.6

    @cached_property
    def grain(self) -> Image.Image:
        return grain_tile(self.generator, max(self.look.texture, 0.7), lumps=self.look.lumps)

    def chance(self, low: float, high: float) -> float:
        return float(self.generator.uniform(low, high))

    def pick(self, count: int) -> int:
        return int(self.generator.integers(count))

    def sprite(self, picture: Image.Image, *, rough: bool = True) -> Sprite:
        return sprite_of(self.look.graded(picture), grain=self.grain if rough else None)

    def board(self, upper: float, lower: float) -> Board:
        """A board as wide as the world, for the band between two heights (shares of the picture's)."""
        return Board(self.wide, (lower - upper) * self.height)

    def hang(self, picture: Image.Image, *, upper: float, depth: float, **motion: float) -> None:
        """Add a full-width sheet whose upper edge is at a share of the height."""
        self.layers.append(Layer(self.sprite(picture), -self.room * 1.3, upper * self.height, depth, **motion))

    def hills(self, *, base: float, height: float, depth: float, upper: Colour, lower: Colour, jagged: float = 0.0,
              waves: int = 4, until: float = 1.0, **motion: float) -> list[Point]:  # fmt: skip
        """Add a line of hills whose foot is at `base` (share of the height), and return its rim in board units."""
        top = base - height * 1.25
        board = self.board(top, until)
        phases = [self.chance(0, 1) for _ in range(waves)]
        rim = ridge(phases, self.wide, (base - top) * self.height, height * self.height, jagged=jagged)
        foot = (until - top) * self.height
        board.ramp([*rim, (self.wide, foot), (0, foot)], upper, lower)
        self.hang(board.done(), upper=top, depth=depth, **motion)
        return [(x, y + top * self.height) for x, y in rim]


def raise_sky(stage: Stage, *, horizon: float = 0.62, disc: bool = True, clouds: int = 5) -> None:
    """Sky, sun or moon with its glow, stars, and drifting clouds."""
    palette, width, height = stage.palette, round(stage.wide), stage.height
    sky = vertical(
        (width, max(2, round(height * horizon))),
        (palette.top, mix(palette.top, palette.middle, 0.55), palette.middle, palette.low),
    )
    sheet = Image.new("RGB", (width, height), sky.getpixel((0, sky.height - 1)))
    sheet.paste(sky, (0, 0))
    if palette.is_dark:
        _stars(stage, sheet, horizon)
    if disc and not {"rain", "storm"} & set(stage.meaning.weathers):
        _sun(stage, sheet, horizon)
    stage.layers.append(Layer(stage.sprite(sheet), -stage.room * 1.3, 0, 0.06))
    for place in range(clouds):
        _cloud(stage, stage.chance(0.05, horizon * 0.62), near=place / max(clouds, 1))


def _stars(stage: Stage, sheet: Image.Image, horizon: float) -> None:
    count = 130
    xs, ys = stage.generator.uniform(0, sheet.width, count), stage.generator.uniform(0, stage.height * horizon, count)
    for x, y, size in zip(xs, ys, stage.generator.uniform(0.2, 1.0, count) ** 3, strict=True):
        dot = glow(max(1.2, stage.short * 0.009 * (0.4 + size)), WHITE, 0.35 + 0.65 * float(size), sharpness=3)
        sheet.paste(dot.convert("RGB"), (round(x), round(y)), dot.getchannel("A"))


def _sun(stage: Stage, sheet: Image.Image, horizon: float) -> None:
    palette, short = stage.palette, stage.short
    low = stage.meaning.time in {"sunset", "dawn"}
    x = sheet.width * stage.chance(0.36, 0.64)
    y = stage.height * horizon * (stage.chance(0.70, 0.82) if low else stage.chance(0.2, 0.34))
    radius = short * (0.115 if low else 0.075)
    for reach, strength in ((7.5, 0.4), (3.2, 0.5)):
        light = glow(radius * reach, palette.sun, strength * (0.5 if palette.is_dark else 1.0), sharpness=1.7)
        sheet.paste(
            light.convert("RGB"), (round(x - light.width / 2), round(y - light.height / 2)), light.getchannel("A")
        )
    disc = Board(radius * 2.2, radius * 2.2, scale=3)
    middle = radius * 1.1
    disc.oval(middle, middle, radius, radius, mix(palette.sun, WHITE, 0.55))
    if palette.is_dark:
        for dx, dy, size in ((-0.3, -0.2, 0.24), (0.3, 0.25, 0.18), (0.1, -0.5, 0.12), (-0.25, 0.42, 0.14)):
            disc.oval(
                middle + dx * radius,
                middle + dy * radius,
                radius * size,
                radius * size,
                mix(palette.sun, palette.middle, 0.25),
            )
    face = disc.done()
    sheet.paste(face.convert("RGB"), (round(x - middle), round(y - middle)), face.getchannel("A"))


def _cloud(stage: Stage, share: float, *, near: float) -> None:
    palette = stage.palette
    wide = stage.short * stage.chance(0.35, 0.62) * (0.55 + 0.6 * near)
    deep = wide * 0.36
    body = mix(
        mix(palette.low, WHITE, 0.1 if palette.is_dark else 0.62), palette.middle, 0.35 if palette.is_dark else 0.12
    )
    shade = mix(body, palette.middle, 0.42)
    board = Board(wide, deep)
    puffs = [
        (0.5 + (place - 3) * 0.125 + stage.chance(-0.02, 0.02), stage.chance(0.13, 0.2) - abs(place - 3) * 0.022)
        for place in range(7)
    ]
    for drop, colour in ((0.09, shade), (0.0, body)):
        for x, radius in puffs:
            board.oval(
                x * wide, deep * (0.78 + drop) - radius * wide * 0.72, radius * wide, radius * wide * 0.9, colour
            )
    sheet = board.done()
    level = Image.new("L", sheet.size)
    level.paste(
        Image.linear_gradient("L")
        .resize(sheet.size)
        .transpose(Image.Transpose.FLIP_TOP_BOTTOM)
        .point(lambda value: min(255, value * 3))
    )
    alpha = sheet.getchannel("A")
    sheet.putalpha(
        Image.composite(alpha, Image.new("L", sheet.size), level).point(lambda value: round(value * (0.5 + 0.4 * near)))
    )
    x = stage.chance(-0.25, 1.0) * stage.width
    drift = stage.short * (0.010 + 0.03 * near) * (2.2 if "storm" in stage.meaning.weathers else 1.0)
    stage.layers.append(Layer(stage.sprite(sheet), x, share * stage.height, 0.1 + near * 0.15, drift=drift))


def contrast_ink(palette: Palette) -> Colour:
    """A colour for silhouettes right before the eye."""
    base = mix(palette.lit("20303a"), BLACK, 0.45)
    return base if luma(palette.low) > 40 else mix(base, palette.middle, 0.12)
