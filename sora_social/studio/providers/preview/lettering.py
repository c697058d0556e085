"""Letters: captions, titles and names as pictures.

The built-in face covers plain Latin only. A letter with an accent is written without it; a text with other scripts
is not drawn at all (never as boxes), unless the operator's own font file covers it.
"""

import unicodedata
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from sora_social.studio.providers.preview.palette import WHITE, Colour, as_bytes

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


class Lettering:
    """Writes lines with the built-in face, or with the operator's where that is needed and covers them."""

    def __init__(self, font: Path | None = None) -> None:
        self._file = font

    def drawable(self, text: str) -> str:
        """The text as it can be drawn, accents folded away if need be; "" when it cannot be."""
        if self._file is not None and all(_covers(self._file, char) for char in text if not char.isspace()):
            return text
        folded = "".join(
            char for char in unicodedata.normalize("NFKD", _straight(text)) if not unicodedata.combining(char)
        )
        kept = "".join(char for char in folded if char.isspace() or _covers(None, char) or not char.isalnum())
        if sum(map(str.isalnum, kept)) < 0.7 * max(1, sum(map(str.isalnum, folded))):
            return ""
        return "".join(char for char in kept if char.isspace() or _covers(None, char)).strip()

    def line(
        self, text: str, pixels: int, *, colour: Colour = WHITE, edge: int = 0, spacing: float = 0.0
    ) -> Image.Image:
        """One line of drawable text, RGBA, `pixels` high letters, with a dark edge of `edge` pixels."""
        font = _font(self._file if self._file and any(not _covers(None, char) for char in text) else None, pixels)
        parts = list(text) if spacing else [text]
        widths = [font.getlength(part) for part in parts]
        width = round(sum(widths) + spacing * (len(parts) - 1)) + 2 * edge + 4
        sheet = Image.new("RGBA", (max(width, 2), round(pixels * 1.35) + 2 * edge), (*as_bytes(colour), 0))
        draw, x = ImageDraw.Draw(sheet), float(edge + 2)
        for part, step in zip(parts, widths, strict=True):
            draw.text(
                (x, edge),
                part,
                font=font,
                fill=(*as_bytes(colour), 255),
                stroke_width=edge,
                stroke_fill=(12, 12, 20, 255),
            )
            x += step + spacing
        return sheet

    def wrapped(self, text: str, pixels: int, width: int, most: int = 3) -> list[str]:
        """Break a text into at most `most` lines no wider than `width` pixels, the last with an ellipsis if cut."""
        font = _font(self._file if self._file and any(not _covers(None, char) for char in text) else None, pixels)
        units = text.split(" ") if " " in text else list(text)
        joint, lines, line = " " if " " in text else "", list[str](), ""
        for unit in units:
            longer = f"{line}{joint}{unit}" if line else unit
            if line and font.getlength(longer) > width:
                lines.append(line)
                line = unit
            else:
                line = longer
            while font.getlength(line) > width and len(line) > 1:
                fit = next(
                    size for size in range(len(line) - 1, 0, -1) if size == 1 or font.getlength(line[:size]) <= width
                )
                lines.append(line[:fit])
                line = line[fit:]
        lines.append(line)
        return lines if len(lines) <= most else [*lines[: most - 1], f"{lines[most - 1].rstrip('.,;: ')}..."]


def _straight(text: str) -> str:
    return text.translate(
        {ord(curly): straight for curly, straight in zip("‘’“”—–…", ("'", "'", '"', '"', "-", "-", "..."), strict=True)}
    )


@cache
def _font(file: Path | None, pixels: int) -> Font:
    return ImageFont.truetype(file, pixels) if file is not None else ImageFont.load_default(pixels)


@cache
def _covers(file: Path | None, char: str) -> bool:
    """Whether a face has a letter: one it lacks comes out as the same box as a code point that no face has."""
    font = _font(file, 20)
    return bytes(font.getmask(char)) != bytes(font.getmask("\uffff"))
