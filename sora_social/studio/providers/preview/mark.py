"""The mark: who made the clip, and that it is an AI-made preview. It wanders, so that no crop takes it away."""

import math
import re

from PIL import Image, ImageDraw

from sora_social.studio.providers.preview.lettering import Lettering
from sora_social.studio.providers.preview.palette import WHITE, mix
from sora_social.studio.providers.preview.planes import Canvas, sprite_of

LAP = 16.0  # seconds for one round
BADGE = "preview · AI"
_SOFTNESS = 2.6  # the exponent that makes the round keep to the edges of the picture


class Mark:
    """A light-on-dark label that travels around the picture, clear of the captions at its foot."""

    def __init__(self, handle: str, size: tuple[int, int]) -> None:
        self._size = size
        self._label = sprite_of(_label(handle, size))

    def burn(self, canvas: Canvas, t: float) -> None:
        """Put the mark where it is at `t` seconds."""
        canvas.blit(self._label, *self.place(t))

    def place(self, t: float) -> tuple[int, int]:
        """The upper left corner of the mark at `t` seconds, in pixels."""
        turn = (t / LAP + 0.62) * math.tau
        width, height = self._label.size
        room_x, room_y = self._size[0] * 0.94 - width, self._size[1] * 0.72 - height
        return (
            round(self._size[0] * 0.03 + max(room_x, 0) * (0.5 + 0.5 * _squared(math.cos(turn)))),
            round(self._size[1] * 0.06 + max(room_y, 0) * (0.5 + 0.5 * _squared(math.sin(turn)))),
        )

    @property
    def size(self) -> tuple[int, int]:
        return self._label.size


def _squared(swing: float) -> float:
    return (
        math.copysign(abs(swing) ** (1 / _SOFTNESS), swing)
        if abs(swing) > 0.08
        else swing * 0.08 ** (1 / _SOFTNESS - 1)
    )


def _label(handle: str, size: tuple[int, int]) -> Image.Image:
    name = "@" + (re.sub(r"[^A-Za-z0-9_.]", "", handle)[:30] or "unknown")
    lettering, short = Lettering(), min(size)
    pixels = max(10, round(short * 0.040))
    while pixels > 7 and lettering.line(name, pixels).width > size[0] * 0.8:
        pixels -= 1
    upper = lettering.line(name, pixels)
    lower = lettering.line(
        BADGE, max(8, round(pixels * 0.86)), colour=mix(WHITE, (255, 214, 120), 0.75), edge=1 if short >= 200 else 0
    )
    pad = max(3, round(pixels * 0.4))
    width, height = max(upper.width, lower.width) + pad * 2, upper.height + lower.height + pad
    label = Image.new("RGBA", (width + width % 2, height + height % 2))
    ImageDraw.Draw(label).rounded_rectangle(
        (0, 0, label.width - 1, label.height - 1), radius=pad * 1.6, fill=(14, 14, 24, 140)
    )
    label.alpha_composite(upper, (pad, pad // 2))
    label.alpha_composite(lower, (pad, pad // 2 + upper.height))
    return label
