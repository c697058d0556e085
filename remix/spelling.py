"""Text of people inside markup of ours."""

from xml.sax.saxutils import escape

# what XML 1.0 has no way to write, and what would turn the direction of the text around it
_LEFT_OUT = dict.fromkeys(
    (*range(9), 11, 12, *range(14, 32), *range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0xD800, 0xE000)), ""
)
_LEFT_OUT |= {0xFFFE: "", 0xFFFF: "", 13: " "}


def xml_text(text: str) -> str:
    """Text as the content of an XML element. What XML cannot hold is left out."""
    return escape(text.translate(_LEFT_OUT))
