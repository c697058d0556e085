"""The drawing board: flat shapes with smooth edges."""

import math
from collections.abc import Sequence

from PIL import Image, ImageDraw

from sora_social.studio.providers.preview.palette import Colour, as_bytes, mix

Point = tuple[float, float]


class Board:
    """A transparent sheet. Drawn several times too large and shrunk once, which smooths every edge.

    Lengths are in units; `unit` is how many pixels of the finished picture one unit takes.
    """

    def __init__(self, width: float, height: float, *, unit: float = 1.0, scale: int = 2) -> None:
        self.size = (max(2, round(width * unit)), max(2, round(height * unit)))
        self._factor = unit * scale
        self._scale = scale
        self.sheet = Image.new("RGBA", (self.size[0] * scale, self.size[1] * scale))
        self._draw = ImageDraw.Draw(self.sheet)
        self._origin = (0.0, 0.0)

    def moved(self, right: float, down: float) -> "Board":
        """The same sheet with its origin moved, so that a drawing may reach past its own box."""
        self._origin = (right * self._factor, down * self._factor)
        return self

    def _pixels(self, points: Sequence[Point]) -> list[Point]:
        right, down = self._origin
        return [(x * self._factor + right, y * self._factor + down) for x, y in points]

    def polygon(self, points: Sequence[Point], colour: Colour, opacity: float = 1.0) -> None:
        if len(points) > 2:
            self._draw.polygon(self._pixels(points), fill=_fill(colour, opacity))

    def oval(  # noqa: PLR0917 - geometry reads by position
        self, x: float, y: float, rx: float, ry: float, colour: Colour, opacity: float = 1.0
    ) -> None:
        (left, upper), (right, lower) = self._pixels([(x - abs(rx), y - abs(ry)), (x + abs(rx), y + abs(ry))])
        self._draw.ellipse((left, upper, right, lower), fill=_fill(colour, opacity))

    def tilted(self, x: float, y: float, rx: float, ry: float, degrees: float, colour: Colour) -> None:  # noqa: PLR0917 - geometry reads by position
        """An oval turned by degrees, clockwise."""
        turn = math.radians(degrees)
        cos, sin = math.cos(turn), math.sin(turn)
        rim = [(rx * math.cos(step * math.pi / 12), ry * math.sin(step * math.pi / 12)) for step in range(24)]
        self.polygon([(x + a * cos - b * sin, y + a * sin + b * cos) for a, b in rim], colour)

    def box(self, x: float, y: float, width: float, height: float, colour: Colour, *, round_by: float = 0.0) -> None:
        (left, upper), (right, lower) = self._pixels([(x, y), (x + width, y + height)])
        corners = (left, upper, max(left, right - 1), max(upper, lower - 1))
        self._draw.rounded_rectangle(corners, radius=round_by * self._factor, fill=_fill(colour, 1.0))

    def stroke(self, points: Sequence[Point], width: float, colour: Colour) -> None:
        """A line with round joints and ends."""
        thick = max(1, round(width * self._factor))
        self._draw.line(self._pixels(points), _fill(colour, 1.0), thick, joint="curve")
        for x, y in (points[0], points[-1]):
            self.oval(x, y, width / 2, width / 2, colour)

    def arc(  # noqa: PLR0917 - geometry reads by position
        self, x: float, y: float, rx: float, ry: float, start: float, end: float, width: float, colour: Colour
    ) -> None:
        """Part of an oval's rim, from `start` to `end` degrees, clockwise from the right."""
        steps = [math.radians(start + (end - start) * step / 14) for step in range(15)]
        self.stroke([(x + rx * math.cos(turn), y + ry * math.sin(turn)) for turn in steps], width, colour)

    def ramp(self, points: Sequence[Point], upper: Colour, lower: Colour) -> None:
        """A shape whose colour runs from its top to its bottom."""
        pixels = self._pixels(points)
        left, top = math.floor(min(x for x, _ in pixels)), math.floor(min(y for _, y in pixels))
        width = max(1, math.ceil(max(x for x, _ in pixels)) - left)
        height = max(1, math.ceil(max(y for _, y in pixels)) - top)
        left, top, right, bottom = (
            max(left, 0),
            max(top, 0),
            min(left + width, self.sheet.width),
            min(top + height, self.sheet.height),
        )
        if right <= left or bottom <= top:
            return
        mask = Image.new("L", (right - left, bottom - top))
        ImageDraw.Draw(mask).polygon([(x - left, y - top) for x, y in pixels], fill=255)
        self.sheet.paste(vertical(mask.size, (upper, lower)).convert("RGBA"), (left, top), mask)

    def cut(self, points: Sequence[Point]) -> None:
        """A hole through the sheet."""
        self._draw.polygon(self._pixels(points), fill=(0, 0, 0, 0))

    def done(self) -> Image.Image:
        """The finished sheet, RGBA."""
        # Averaged with colours weighted by opacity; otherwise the empty sheet's black would line every edge.
        return self.sheet.convert("RGBa").reduce(self._scale).convert("RGBA")


def _fill(colour: Colour, opacity: float) -> tuple[int, int, int, int]:
    return (*as_bytes(colour), round(255 * opacity))


def vertical(size: tuple[int, int], stops: Sequence[Colour]) -> Image.Image:
    """An RGB picture whose colour runs down through evenly spaced stops."""
    height = 256
    column = Image.new("RGB", (1, height))
    steps = len(stops) - 1
    for row in range(height):
        place = row / (height - 1) * steps
        first = min(int(place), steps - 1)
        column.putpixel((0, row), as_bytes(mix(stops[first], stops[first + 1], place - first)))
    return column.resize(size, Image.Resampling.BILINEAR)


def glow(radius: float, colour: Colour, strength: float = 1.0, *, sharpness: float = 2.2) -> Image.Image:
    """A round light that fades outwards, RGBA, 2·radius wide."""
    edge = max(4, round(radius * 2))
    table = [round(255 * strength * max(0.0, 1 - level / 255 * 1.42) ** sharpness) for level in range(256)]
    fade = Image.radial_gradient("L").point(table).resize((edge, edge), Image.Resampling.BILINEAR)
    light = Image.new("RGBA", (edge, edge), (*as_bytes(colour), 255))
    light.putalpha(fade)
    return light


def ridge(
    phases: Sequence[float], width: float, base: float, height: float, *, jagged: float = 0.0, steps: int = 90
) -> list[Point]:
    """The rim of a hill line from left to right: layered waves, made of peaks where `jagged` (0..1)."""
    points = []
    for step in range(steps + 1):
        place = step / steps
        rise = 0.0
        for order, phase in enumerate(phases):
            swing = place * (1.6 + 1.9 * order) * 2 + phase * 6.28
            smooth = math.sin(swing)
            peak = 2 / math.pi * math.asin(math.sin(swing))
            rise += (smooth * (1 - jagged) + peak * jagged) / (order + 1)
        points.append((place * width, base - height * (0.5 + rise * 0.32)))
    return points
