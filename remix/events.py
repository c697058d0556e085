"""What the graph tells the rooms above, and its own workers."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DerivationDetached:
    """The author of a source detached one of its derivations, or took that back."""

    edge_id: int
