"""Captions: spoken lines with their times, burned into the picture and written as WebVTT."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

from sora_social.studio.providers.preview.lettering import Lettering
from sora_social.studio.providers.preview.palette import BLACK
from sora_social.studio.providers.preview.planes import Canvas, Sprite, sprite_of


@dataclass(frozen=True)
class Cue:
    """A line and when it is heard, in seconds."""

    start: float
    end: float
    text: str


def write_vtt(cues: Sequence[Cue], path: Path) -> None:
    """Write cues as WebVTT (W3C), with the characters that mean something there escaped."""
    blocks = ["WEBVTT"]
    for cue in cues:
        text = cue.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        blocks.append(f"{_stamp(cue.start)} --> {_stamp(cue.end)}\n{text}")
    path.write_text("\n\n".join(blocks) + "\n", encoding="utf-8")


def _stamp(seconds: float) -> str:
    minutes, milliseconds = divmod(round(seconds * 1000), 60_000)
    return f"{minutes // 60:02}:{minutes % 60:02}:{milliseconds // 1000:02}.{milliseconds % 1000:03}"


class Subtitles:
    """Cues as ready pictures at the foot of the frame. A line that cannot be drawn stays in the WebVTT only."""

    def __init__(self, cues: Sequence[Cue], size: tuple[int, int], lettering: Lettering) -> None:
        self._size = size
        self._shown = [(cue, picture) for cue in cues if (picture := _subtitle(cue.text, size, lettering)) is not None]

    def paint(self, canvas: Canvas, t: float) -> None:
        for cue, picture in self._shown:
            if cue.start - 0.08 <= t < cue.end + 0.12:
                x = (self._size[0] - picture.size[0]) / 2
                canvas.blit(picture, x, self._size[1] * 0.93 - picture.size[1])
                return


def _subtitle(text: str, size: tuple[int, int], lettering: Lettering) -> Sprite | None:
    drawable = lettering.drawable(text)
    if not drawable:
        return None
    pixels = max(9, round(min(size) * 0.05))
    edge = max(1, pixels // 9)
    lines = [
        lettering.line(line, pixels, edge=edge) for line in lettering.wrapped(drawable, pixels, round(size[0] * 0.84))
    ]
    step = round(pixels * 1.25)
    sheet = Image.new(
        "RGBA", (max(line.width for line in lines) + pixels, step * (len(lines) - 1) + lines[0].height + pixels // 2)
    )
    ImageDraw.Draw(sheet).rounded_rectangle(
        (0, 0, sheet.width - 1, sheet.height - 1), radius=pixels // 2, fill=(10, 10, 18, 96)
    )
    for place, line in enumerate(lines):
        sheet.alpha_composite(line, ((sheet.width - line.width) // 2, pixels // 5 + place * step))
    return sprite_of(sheet)


class Title:
    """A short caption that names the scene, small and spaced, for the first moments."""

    def __init__(self, text: str, size: tuple[int, int], lettering: Lettering) -> None:
        self._size = size
        self._steps: list[Sprite] = []
        drawable = lettering.drawable(text).upper()[:40]
        if not drawable:
            return
        pixels = max(8, round(min(size) * 0.036))
        line = lettering.line(drawable, pixels, spacing=pixels * 0.16)
        shade = lettering.line(drawable, pixels, colour=BLACK, spacing=pixels * 0.16).filter(
            ImageFilter.GaussianBlur(1.2)
        )
        if line.width > size[0] * 0.9:
            return
        sheet = Image.new("RGBA", (line.width, line.height + pixels // 2))
        for _ in range(2):
            sheet.alpha_composite(shade, (0, 0))
        sheet.alpha_composite(line, (0, 0))
        ImageDraw.Draw(sheet).rectangle(
            (2, sheet.height - max(1, pixels // 8) - 1, pixels * 2, sheet.height - 1), fill=(255, 255, 255, 230)
        )
        whole = sprite_of(sheet)
        self._steps = [whole.faded(share / 6) for share in range(1, 7)]

    def paint(self, canvas: Canvas, t: float) -> None:
        if self._steps and 0.1 < t < 2.2:
            strength = min((t - 0.1) / 0.4, (2.2 - t) / 0.5, 1.0)
            step = self._steps[min(int(strength * 6), 5)]
            canvas.blit(step, self._size[0] * 0.06, self._size[1] * 0.93 - step.size[1])
