"""Text that people write for people: no characters that act on the text around them."""

import unicodedata

# they turn the direction of everything after them, other people's words included
_BIDI_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_KEPT_CONTROLS = frozenset("\n")


def is_plain(text: str) -> bool:
    """Whether there is no control character (but a new line), no lone surrogate and no override of direction."""
    return not any(
        character in _BIDI_OVERRIDES
        or (unicodedata.category(character) in {"Cc", "Cs"} and character not in _KEPT_CONTROLS)
        for character in text
    )
