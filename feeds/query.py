"""Who asks for an order of posts, and on which terms: what every stage of the pipeline may read."""

from dataclasses import dataclass

from feeds.preferences import Preferences
from sora_social.accounts.models import User


@dataclass(frozen=True, slots=True)
class Query:
    """`snapshot_id` names the order to be made, and seeds what in it is drawn.

    `served` came in this scroll already and is left out for good; `seen` came in earlier ones and goes last.
    """

    viewer: User
    snapshot_id: int
    preferences: Preferences
    served: frozenset[int]
    seen: frozenset[int]
    at_most: int
