"""The socket of a person: a word about each thing of theirs that changes."""

from sora_social.core.telling import tell

__all__ = ["tell"]
