"""Pictures as the encoder wants them: a luma plane and two half-size chroma planes (BT.601, limited range).

Everything drawn is turned into planes once. A frame is then nothing but pastes of ready planes, which moves fewer than
half the bytes of RGB and leaves no colour conversion to do per frame.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Plane = NDArray[np.uint8]
_LUMA = (0.25679, 0.50413, 0.09791, 16.0)
_BLUE = (-0.14822, -0.29099, 0.43922, 128.0)
_RED = (0.43922, -0.36779, -0.07143, 128.0)


@dataclass(frozen=True)
class Sprite:
    """A ready picture. Without `alpha` it covers all it lies on."""

    y: Image.Image
    u: Image.Image
    v: Image.Image
    alpha: Image.Image | None = None
    alpha_half: Image.Image | None = None

    @property
    def size(self) -> tuple[int, int]:
        return self.y.size

    def faded(self, share: float) -> "Sprite":
        """The same, `share` (0..1) as strong."""
        if self.alpha is None or self.alpha_half is None:
            return self
        table = [round(level * share) for level in range(256)]
        return Sprite(self.y, self.u, self.v, self.alpha.point(table), self.alpha_half.point(table))


@dataclass(frozen=True)
class Canvas:
    """A frame being painted."""

    y: Image.Image
    u: Image.Image
    v: Image.Image

    @classmethod
    def blank(cls, size: tuple[int, int]) -> "Canvas":
        half = (size[0] // 2, size[1] // 2)
        return cls(Image.new("L", size, 16), Image.new("L", half, 128), Image.new("L", half, 128))

    @property
    def size(self) -> tuple[int, int]:
        return self.y.size

    def blit(self, sprite: Sprite, x: float, y: float) -> None:
        """Lay a sprite with its upper left corner at x, y (pixels; may lie outside)."""
        left, upper = round(x), round(y)
        width, height = self.size
        if left >= width or upper >= height or left + sprite.size[0] <= 0 or upper + sprite.size[1] <= 0:
            return
        half = (left // 2, upper // 2)
        self.y.paste(sprite.y, (left, upper), sprite.alpha)
        self.u.paste(sprite.u, half, sprite.alpha_half)
        self.v.paste(sprite.v, half, sprite.alpha_half)

    def tone(self, level: int, mask: Image.Image, x: float = 0, y: float = 0) -> None:
        """Pull the luma under a mask to `level` (16 black .. 235 white): shade, rain, snow."""
        self.y.paste(level, (round(x), round(y)), mask)

    def copy(self) -> "Canvas":
        return Canvas(self.y.copy(), self.u.copy(), self.v.copy())

    def take(self, other: "Canvas") -> None:
        """Become a copy of another canvas of the same size."""
        for own, theirs in zip((self.y, self.u, self.v), (other.y, other.u, other.v), strict=True):
            own.paste(theirs)

    def blended(self, other: "Canvas", share: float) -> "Canvas":
        """This canvas with a `share` (0..1) of the other."""
        return Canvas(
            Image.blend(self.y, other.y, share),
            Image.blend(self.u, other.u, share),
            Image.blend(self.v, other.v, share),
        )

    def zoomed(self, zoom: float, right: float = 0.0, down: float = 0.0) -> "Canvas":
        """The canvas magnified around its middle, the middle moved by shares (-1..1) of the room that gives."""
        planes = []
        for plane in (self.y, self.u, self.v):
            width, height = plane.size
            spare_x, spare_y = (width - width / zoom) / 2, (height - height / zoom) / 2
            left, upper = spare_x * (1 + right), spare_y * (1 + down)
            box = (left, upper, left + width / zoom, upper + height / zoom)
            planes.append(plane.resize(plane.size, Image.Resampling.BILINEAR, box=box))
        return Canvas(*planes)

    def blocked(self, blocks: int) -> "Canvas":
        """The canvas in square blocks, `blocks` along its short edge."""
        step = max(2, round(min(self.size) / blocks)) & ~1
        planes = []
        for plane, own in ((self.y, step), (self.u, max(1, step // 2)), (self.v, max(1, step // 2))):
            small = plane.reduce(own)
            large = small.resize((small.width * own, small.height * own), Image.Resampling.NEAREST)
            planes.append(large.crop((0, 0, *plane.size)))
        return Canvas(*planes)


def sprite_of(picture: Image.Image, *, grain: Image.Image | None = None) -> Sprite:
    """Turn an RGB or RGBA picture into planes; `grain` (L, mid grey = none, at least as large) roughens its luma."""
    colours = picture.convert("RGB")
    half_size = ((picture.width + 1) // 2, (picture.height + 1) // 2)
    # Resizing with transparency weighs each pixel by it, so that no hidden colour bleeds into an edge.
    half = picture.resize(half_size, Image.Resampling.BOX)
    half_colours = half.convert("RGB")
    y = colours.convert("L", _LUMA)
    if grain is not None:
        y = Image.fromarray(_roughened(np.asarray(y), grain))
    alpha = picture.getchannel("A") if picture.mode == "RGBA" else None
    alpha_half = half.getchannel("A") if picture.mode == "RGBA" else None
    return Sprite(y, half_colours.convert("L", _BLUE), half_colours.convert("L", _RED), alpha, alpha_half)


def _roughened(plane: Plane, grain: Image.Image) -> Plane:
    rough = np.asarray(grain)
    height, width = plane.shape[:2]
    tiled = np.tile(rough, (height // rough.shape[0] + 1, width // rough.shape[1] + 1))[:height, :width]
    return np.asarray(np.clip(plane.astype(np.int16) + tiled - 128, 16, 235), np.uint8)


def grain_tile(generator: np.random.Generator, strength: float, edge: int = 256, *, lumps: int = 1) -> Image.Image:
    """Noise around mid grey, `strength` levels of standard deviation, in grains of `lumps` pixels."""
    noise = generator.normal(128.0, strength * (1 + 0.4 * (lumps - 1)), (edge // lumps, edge // lumps))
    tile = Image.fromarray(np.asarray(np.clip(noise, 0, 255).round(), np.uint8))
    return tile if lumps == 1 else tile.resize((edge, edge), Image.Resampling.BICUBIC)
