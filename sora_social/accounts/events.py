"""What the accounts room tells the rooms above."""

from dataclasses import dataclass


@dataclass(frozen=True)
class InviteRedeemed:
    invite_id: int
    redeemer_id: int


@dataclass(frozen=True)
class PersonBlocked:
    blocker_id: int
    blocked_id: int


@dataclass(frozen=True)
class PersonChanged:
    """Let in, suspended or reinstated, renamed, or signed out everywhere."""

    person_id: int
