"""What the studio tells those above it, and its own workers."""

from dataclasses import dataclass


@dataclass(frozen=True)
class GenerationQueued:
    job_id: int


@dataclass(frozen=True)
class GenerationFinished:
    """A job came to its end, whichever it is: completed, failed, refused, cancelled."""

    job_id: int
    owner_id: int
    status: str


@dataclass(frozen=True)
class TemplateChanged:
    """A template was made, edited, withdrawn, or removed."""

    template_id: int


@dataclass(frozen=True)
class TemplateJudged:
    """A moderator removed a template, or brought it back."""

    template_id: int


@dataclass(frozen=True)
class DraftDeleted:
    draft_id: int


@dataclass(frozen=True)
class CoCreatorInvited:
    draft_id: int
    person_id: int


@dataclass(frozen=True)
class CoCreatorAnswered:
    """Somebody who is invited into a draft accepted, or vetoed: who, and what, is not told with it."""

    draft_id: int
