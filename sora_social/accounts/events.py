"""What the accounts room tells the rooms above."""

from dataclasses import dataclass


@dataclass(frozen=True)
class InviteRedeemed:
    invite_id: int
    redeemer_id: int


@dataclass(frozen=True)
class PersonFollowed:
    follower_id: int
    followee_id: int


@dataclass(frozen=True)
class PersonUnfollowed:
    """By their own will, or by a block."""

    follower_id: int
    followee_id: int


@dataclass(frozen=True)
class PersonBlocked:
    blocker_id: int
    blocked_id: int


@dataclass(frozen=True)
class PersonChanged:
    """Let in, suspended or reinstated, renamed, or signed out everywhere."""

    person_id: int
