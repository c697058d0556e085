"""The cast: each member as a round portrait with a name, floating gently in the scene."""

import math
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageOps

from sora_social.studio.providers.preview.drawing import vertical
from sora_social.studio.providers.preview.lettering import Lettering
from sora_social.studio.providers.preview.looks import Look
from sora_social.studio.providers.preview.palette import BLACK, NAMED, WHITE, as_bytes, mix
from sora_social.studio.providers.preview.planes import Canvas, sprite_of
from sora_social.studio.providers.preview.recipe import Portrait, clean

MAX_CAST = 3
MAX_PIXELS = 40_000_000


class CastRow:
    """Up to three portraits. A picture that is missing or broken becomes a coloured disc with an initial."""

    def __init__(self, cast: Sequence[Portrait], size: tuple[int, int], lettering: Lettering, look: Look) -> None:
        self._size = size
        edge = max(24, round(min(size) * (0.3 if len(cast) == 1 else 0.24))) & ~1
        self._medals = [sprite_of(look.graded(_medal(one, edge, lettering))) for one in cast[:MAX_CAST]]

    def paint(self, canvas: Canvas, t: float) -> None:
        for place, medal in enumerate(self._medals):
            share = (place + 1) / (len(self._medals) + 1)
            bob = math.sin(t * 1.9 + place * 1.3) * self._size[1] * 0.008
            sway = math.sin(t * 1.1 + place) * self._size[0] * 0.01
            canvas.blit(
                medal, self._size[0] * share - medal.size[0] / 2 + sway, self._size[1] * 0.36 - medal.size[1] / 2 + bob
            )


def _medal(member: Portrait, edge: int, lettering: Lettering) -> Image.Image:
    face = _face(member, edge * 2, lettering)
    mask = Image.new("L", face.size)
    ImageDraw.Draw(mask).ellipse((0, 0, face.width - 1, face.height - 1), fill=255)
    rim, pixels = max(2, edge // 22), max(8, edge // 7)
    name = lettering.drawable(clean(member.name, 40))[:20]
    line = lettering.line(name, pixels) if name else None
    width = max(edge + rim * 2, (line.width + pixels) if line else 0)
    medal = Image.new("RGBA", (width, edge + rim * 2 + (round(pixels * 1.5) if line else 0)))
    left = (width - edge) // 2
    ring = Image.new("L", ((edge + rim * 2) * 2,) * 2)
    ImageDraw.Draw(ring).ellipse((0, 0, ring.width - 1, ring.height - 1), fill=255)
    medal.paste((250, 248, 242, 255), (left - rim, 0), ring.reduce(2))
    medal.paste(face.reduce(2), (left, rim), mask.reduce(2))
    if line:
        upper, inset = edge + rim * 2 - pixels // 3, (width - line.width) // 2
        ImageDraw.Draw(medal).rounded_rectangle(
            (inset - pixels // 2, upper, width - inset + pixels // 2 - 1, upper + round(pixels * 1.55)),
            radius=pixels * 0.7, fill=(16, 16, 26, 190),
        )  # fmt: skip
        medal.alpha_composite(line, ((width - line.width) // 2, upper + pixels // 8))
    return medal


def _face(member: Portrait, edge: int, lettering: Lettering) -> Image.Image:
    if member.image is not None:
        try:
            with Image.open(member.image) as picture:
                if picture.width * picture.height <= MAX_PIXELS:
                    picture.draft("RGB", (edge, edge))
                    return ImageOps.fit(picture.convert("RGB"), (edge, edge)).convert("RGBA")
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
            pass  # drawn as an initial below; what is wrong with the upload was the upload's matter
    tone = list(NAMED.values())[sum(map(ord, member.name)) % 8]
    face = vertical((edge, edge), (mix(tone, WHITE, 0.3), mix(tone, BLACK, 0.2))).convert("RGBA")
    initial = lettering.drawable(clean(member.name, 40)).lstrip("@")[:1].upper()
    if initial:
        letter = lettering.line(initial, edge // 2, colour=as_bytes(WHITE))
        face.alpha_composite(letter, ((edge - letter.width) // 2, round(edge * 0.22)))
    return face
