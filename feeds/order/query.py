"""Who asks for an order of posts, and on which terms: what every stage of the pipeline may read."""

from dataclasses import dataclass

from feeds.steering.preferences import Preferences
from sora_social.accounts.models import User


@dataclass(frozen=True, slots=True)
class Query:
    """`order_id` names the order to be made, `seed` draws what is drawn in it. Without a viewer it is for a region.

    `served` came in this scroll already and is left out for good; `seen` came in earlier ones and goes last. With
    `topics`, bits of the vocabulary, only posts about one of them compete.
    """

    viewer: User | None
    order_id: int
    seed: int
    preferences: Preferences
    at_most: int
    places_at_most: int
    region: str = ""
    topics: tuple[int, ...] = ()
    served: frozenset[int] = frozenset()
    seen: frozenset[int] = frozenset()

    @property
    def viewer_id(self) -> int:
        """0, whom nothing is known of, without a viewer."""
        return self.viewer.pk if self.viewer else 0
