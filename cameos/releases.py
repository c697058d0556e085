"""The texts that people agree to before anything is recorded. A version that was shown is never changed."""

import hashlib
import re
from functools import cache
from pathlib import Path

from sora_social.core.errors import NotFound

_FOLDER = Path(__file__).with_name("release_terms")


@cache
def text_of(version: str) -> str | None:
    """The words of a version, as shown; None for one that we do not have."""
    path = _FOLDER / f"{version}.md"
    return path.read_text() if re.fullmatch(r"[0-9a-z-]{1,20}", version) and path.is_file() else None


def digest_of(version: str) -> str | None:
    """The SHA-256 of these words, as hex."""
    text = text_of(version)
    return None if text is None else hashlib.sha256(text.encode()).hexdigest()


def terms(version: str) -> dict[str, str]:
    """A version with its words and their digest. Raises NotFound."""
    text, digest = text_of(version), digest_of(version)
    if text is None or digest is None:
        raise NotFound
    return {"version": version, "text": text, "sha256": digest}
