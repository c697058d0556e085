"""The languages that the service itself speaks, and which of them somebody wants."""

from typing import Literal

from django.utils.translation.trans_real import parse_accept_lang_header

Language = Literal["en", "zh"]


def language_of(accept: str) -> Language:
    """The language of an Accept-Language header: Chinese where it is preferred, else English."""
    for tag, quality in parse_accept_lang_header(accept.lower()):
        if quality > 0 and tag.partition("-")[0] in {"en", "zh"}:
            return "zh" if tag.startswith("zh") else "en"
    return "en"
