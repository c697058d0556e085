"""Moods: named sets of topics that a feed can be of."""

from feeds.steering import vocabulary
from ranking.steering.effects import bits_of
from sora_social.core.errors import Invalid


def topics_of(mood: str) -> tuple[int, ...]:
    """The bits of the topics that a mood is made of. Raises Invalid when there is no such mood."""
    words = vocabulary.current()
    bits = bits_of(words, words.topics_of_mood(mood))
    if not bits:
        known = ", ".join(sorted(words.mood_by_code))
        raise Invalid.field("mood", f"One of: {known}.", code="invalid_choice")
    return tuple(bits)
