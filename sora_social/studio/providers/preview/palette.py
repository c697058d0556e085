"""Colours: the light of an hour, the haze of distance, the wash of a colour word."""

from dataclasses import dataclass, replace

import numpy as np

from sora_social.studio.providers.preview.reading import Meaning

Colour = tuple[float, float, float]  # red, green, blue, each 0..255


def hexed(code: str) -> Colour:
    return (float(int(code[0:2], 16)), float(int(code[2:4], 16)), float(int(code[4:6], 16)))


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """`one` with a `share` (0..1) of the other."""
    keep = 1.0 - share
    return (one[0] * keep + other[0] * share, one[1] * keep + other[1] * share, one[2] * keep + other[2] * share)


def luma(colour: Colour) -> float:
    return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]


WHITE: Colour = (255.0, 255.0, 255.0)
BLACK: Colour = (0.0, 0.0, 0.0)

NAMED = {
    "red": hexed("d8343a"), "orange": hexed("f08a2c"), "yellow": hexed("f6cf3f"), "green": hexed("4caf62"),
    "teal": hexed("2fb3b0"), "blue": hexed("3a76d8"), "purple": hexed("8a56c8"), "pink": hexed("f27fb0"),
    "brown": hexed("8b5a3a"), "black": hexed("2a2a33"), "white": hexed("f4f1ea"), "grey": hexed("9298a3"),
}  # fmt: skip

NEON = ("ff4fa0", "4fe3ff", "ffd84f", "a06bff", "5fff9f")


@dataclass(frozen=True)
class Palette:
    """The light a scene stands in. Colours of things pass through `lit` before they are drawn."""

    top: Colour
    middle: Colour
    low: Colour
    sun: Colour
    haze: Colour
    tint: Colour
    lift: Colour
    is_dark: bool
    washes: tuple[tuple[Colour, float], ...] = ()
    turn: float = 0.0

    def lit(self, colour: Colour | str, depth: float = 0.0) -> Colour:
        """A thing's own colour as it looks in this light, at a depth from 0 (here) to 1 (the horizon)."""
        own = hexed(colour) if isinstance(colour, str) else colour
        return mix(self.washed(self._shone(own)), self.haze, depth)

    def washed(self, colour: Colour) -> Colour:
        for hue, share in self.washes:
            colour = mix(colour, _toned(hue, luma(colour)), share)
        return mix(colour, (colour[1], colour[2], colour[0]), self.turn)

    def _shone(self, own: Colour) -> Colour:
        tint, lift = self.tint, self.lift
        return (own[0] * tint[0] + lift[0], own[1] * tint[1] + lift[1], own[2] * tint[2] + lift[2])

    def warmed(self, colour: Colour, share: float = 0.35) -> Colour:
        """The side of a thing that faces the light."""
        return mix(colour, self.sun, share)


def _toned(hue: Colour, brightness: float) -> Colour:
    """A hue at a brightness: darkened below its own, bleached above it."""
    own = max(luma(hue), 1.0)
    if brightness <= own:
        return mix(BLACK, hue, brightness / own)
    return mix(hue, WHITE, (brightness - own) / (255.0 - own) * 0.8)


def _hour(top: str, middle: str, low: str, sun: str, tint: Colour, lift: str, *, is_dark: bool = False) -> Palette:  # noqa: PLR0917 - geometry reads by position
    haze = mix(hexed(middle), hexed(low), 0.6)
    return Palette(hexed(top), hexed(middle), hexed(low), hexed(sun), haze, tint, hexed(lift), is_dark)


HOURS = {
    "noon": _hour("2f86dd", "7cc3f2", "d9f1fb", "fff4cc", (1.0, 1.0, 0.98), "040608"),
    "dawn": _hour("5e7cc4", "e9a9c0", "ffe0b8", "fff0c8", (0.86, 0.80, 0.86), "1c1216"),
    "sunset": _hour("34296e", "d6577c", "ffb45a", "ffe08a", (0.74, 0.56, 0.60), "22101e"),
    "night": _hour("070b22", "14204e", "31508a", "e8eeff", (0.30, 0.36, 0.56), "060a1a", is_dark=True),
}
GLOOM = hexed("5d6a7c")


def palette_for(meaning: Meaning) -> Palette:
    """The light of a meaning: its hour, dulled by its weather, washed by its colour words, turned by its flavour."""
    hour = HOURS[meaning.time]
    if {"rain", "storm", "fog"} & set(meaning.weathers):
        share = 0.75 if "storm" in meaning.weathers else 0.5
        gloom = mix(BLACK, GLOOM, 0.45 if hour.is_dark else 1.0)
        pale = mix(gloom, WHITE, 0.06 if hour.is_dark else 0.35)
        tint = mix(hour.tint, (0.3, 0.33, 0.4) if hour.is_dark else (0.62, 0.68, 0.76), share * 0.6)
        hour = replace(hour, top=mix(hour.top, gloom, share), middle=mix(hour.middle, mix(gloom, pale, 0.5), share),
                       low=mix(hour.low, pale, share), haze=mix(hour.haze, pale, share), tint=tint)  # fmt: skip
    worn = {subject.colour for subject in meaning.subjects}
    washes = tuple((NAMED[name], 0.14 if name in worn else 0.5) for name in meaning.colours[:2])
    lit = replace(hour, washes=washes, turn=(meaning.flavour % 97) / 97 * 0.1)
    return replace(lit, top=lit.washed(hour.top), middle=lit.washed(hour.middle), low=lit.washed(hour.low),
                   haze=lit.washed(hour.haze))  # fmt: skip


def as_bytes(colour: Colour) -> tuple[int, int, int]:
    red, green, blue = (min(max(round(part), 0), 255) for part in colour)
    return red, green, blue


def generator(*parts: int | str) -> np.random.Generator:
    """A random generator of its own for each use, so that one drawing never shifts another's chances."""
    return np.random.default_rng([part if isinstance(part, int) else int.from_bytes(part.encode()) for part in parts])
