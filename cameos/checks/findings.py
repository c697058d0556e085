"""What a check says, and what all of them say together."""

from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version


class Verdict(StrEnum):
    PASS = "pass"  # noqa: S105 - a verdict
    FAIL = "fail"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Finding:
    """What one check says: `version` names the check and its engine, `detail` is a sentence for a person."""

    name: str
    version: str
    verdict: Verdict
    detail: str


@dataclass(frozen=True)
class KnownFace:
    """Somebody else's enrolled cameo: the template that its own examination returned."""

    cameo_id: int
    template: bytes


@dataclass(frozen=True)
class Examination:
    """All findings about one file, and what an enrolment keeps of it.

    `template` is a perceptual hash of 32 bytes, `portrait` a JPEG of 512x512; both are None when the file failed or
    could not be looked at. `similar_to` holds the ids of known cameos that look alike, nearest first.
    """

    findings: tuple[Finding, ...]
    template: bytes | None = None
    portrait: bytes | None = None
    similar_to: tuple[int, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """Fail if any check fails, else undecided if any is, else pass."""
        found = {finding.verdict for finding in self.findings}
        return next((verdict for verdict in (Verdict.FAIL, Verdict.UNDECIDED) if verdict in found), Verdict.PASS)


def engine(package: str) -> str:
    """A package with its version, for the version of a check that relies on it."""
    try:
        return f"{package}-{version(package)}"
    except PackageNotFoundError:
        return f"{package}-missing"
