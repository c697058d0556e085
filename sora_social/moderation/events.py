"""What the moderators' desk tells others."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PersonDecidedOn:
    """Something of somebody, or their account, was decided on; `decision_id` is its line in the audit log."""

    decision_id: int
    person_id: int
    action: str
    subject_type: str
