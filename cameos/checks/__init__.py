"""The checks of cameo enrolment: files in, findings out. Nothing here reads or writes the database.

Detector, recogniser and hashing are imported when a file is examined, so that who only asks for a challenge does not
carry them; where one is not installed, its check is undecided.
"""

from cameos.checks.challenge import Challenge, new_challenge
from cameos.checks.examining import examine_picture, examine_recording
from cameos.checks.findings import Examination, Finding, KnownFace, Verdict

__all__ = [
    "Challenge",
    "Examination",
    "Finding",
    "KnownFace",
    "Verdict",
    "examine_picture",
    "examine_recording",
    "new_challenge",
]
