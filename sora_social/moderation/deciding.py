"""What moderators decide. Each decision says why, and enters the audit log in the transaction that carries it out."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from cameos import complaints, enrolling, memorials
from cameos.models import Cameo
from feeds.learning import lifecycle
from feeds.models import Experiment, Topic
from feeds.scroll import experimenting
from feeds.steering import vocabulary
from sora_social.accounts import invites, people
from sora_social.accounts.models import User
from sora_social.challenges import hosting
from sora_social.challenges.models import Challenge
from sora_social.core import outbox
from sora_social.core.errors import Conflict, Forbidden, Invalid, NotFound
from sora_social.inbox.conversations import messaging
from sora_social.inbox.models import Conversation, Message
from sora_social.moderation.events import PersonDecidedOn
from sora_social.moderation.models import Action, AuditEntry, Report, ReportReason, ReportState, SubjectType
from sora_social.posts import posting
from sora_social.posts.comments import commenting
from sora_social.posts.models import Comment, Post, Room
from sora_social.studio.templates import judging
from sora_social.studio.templates.models import Template

SHORTEST_REASON = 3
LONGEST_REASON = 2000
BULK_AT_MOST = 50


def require_moderator(actor: User) -> None:
    """Raises Forbidden unless `actor` is staff in good standing."""
    if not (actor.is_staff and actor.is_active):
        raise Forbidden("Only moderators decide.")


def remove_post(moderator: User, post_id: int, *, reason: str) -> None:
    """Hide a post from everybody, and uphold every open report of it.

    Raises Forbidden, Invalid without a reason, NotFound, Conflict when it is hidden already.
    """
    remove_posts(moderator, [post_id], reason=reason)


def remove_posts(moderator: User, post_ids: Sequence[int], *, reason: str) -> None:
    """Hide up to 50 posts for one reason: all or none of them, each with a line of its own in the audit log.

    Raises what `remove_post` raises, and Invalid for more than 50.
    """
    why = checked_reason(moderator, reason)
    if len(set(post_ids)) > BULK_AT_MOST:
        raise Invalid.field("post_ids", f"At most {BULK_AT_MOST} at once.")
    with transaction.atomic():
        for post_id in sorted(set(post_ids)):
            if not posting.remove_post(post_id):
                raise _why_not(post_id, "This post is removed or deleted already.")
            decide(moderator, Action.REMOVED, SubjectType.POST, post_id, why, closes_as=ReportState.UPHELD)


def restore_post(moderator: User, post_id: int, *, reason: str) -> None:
    """Show a removed post again. Raises Forbidden, Invalid, NotFound, Conflict when it is not removed."""
    why = checked_reason(moderator, reason)
    with transaction.atomic():
        if not posting.restore_post(post_id):
            raise _why_not(post_id, "This post is not removed, or its author deleted it.")
        decide(moderator, Action.RESTORED, SubjectType.POST, post_id, why)


def suspend_person(moderator: User, person_id: int, *, reason: str) -> None:
    """Lock somebody out and hide what is theirs, and uphold every open report of them.

    Staff are not suspended here: who may enter this desk is the operator's decision.
    Raises Forbidden, Invalid, NotFound, Conflict when they are suspended already.
    """
    why = checked_reason(moderator, reason)
    with transaction.atomic():
        person = _locked_person(person_id)
        if person.is_staff:
            raise Forbidden("A member of the staff cannot be suspended here.")
        if not person.is_active:
            raise Conflict("This person is suspended already.")
        people.set_active(person_id, active=False)
        decide(moderator, Action.SUSPENDED, SubjectType.PERSON, person_id, why, closes_as=ReportState.UPHELD)


def reinstate_person(moderator: User, person_id: int, *, reason: str) -> None:
    """Let a suspended person back in. Raises Forbidden, Invalid, NotFound, Conflict when they are not suspended."""
    why = checked_reason(moderator, reason)
    with transaction.atomic():
        if _locked_person(person_id).is_active:
            raise Conflict("This person is not suspended.")
        people.set_active(person_id, active=True)
        decide(moderator, Action.REINSTATED, SubjectType.PERSON, person_id, why)


def admit_person(moderator: User, person_id: int, *, reason: str) -> None:
    """Let somebody in who is waiting. Raises Forbidden, Invalid, NotFound, Conflict when they are in."""
    why = checked_reason(moderator, reason)
    with transaction.atomic():
        person = _locked_person(person_id)
        if person.admitted_at is not None:
            raise Conflict("This person is not waiting.")
        invites.admit(person)
        decide(moderator, Action.ADMITTED, SubjectType.PERSON, person_id, why)


def uphold_report(moderator: User, report_id: int, *, reason: str) -> None:
    """Agree with a report: its post, comment or message is removed, or its person suspended, and all open reports of
    the subject close. A subject that is gone already only has its reports closed.

    Raises Forbidden, Invalid, NotFound, Conflict when the report is closed.
    """
    why = checked_reason(moderator, reason)
    with transaction.atomic():
        report = _open_report(report_id)
        if report.subject_type == SubjectType.PERSON and _locked_person(report.subject_id).is_active:
            suspend_person(moderator, report.subject_id, reason=why)
            return
        took_away = {
            SubjectType.POST: posting.remove_post,
            SubjectType.COMMENT: commenting.remove_comment,
            SubjectType.MESSAGE: messaging.remove_message,
        }
        remove = took_away.get(report.subject_type)
        action = Action.REMOVED if remove is not None and remove(report.subject_id) else Action.UPHELD
        decide(moderator, action, report.subject_type, report.subject_id, why, closes_as=ReportState.UPHELD)


def dismiss_report(moderator: User, report_id: int, *, reason: str) -> None:
    """Find nothing wrong: all open reports of the subject close, and it stays as it is.

    Raises Forbidden, Invalid, NotFound, Conflict when the report is closed.
    """
    why = checked_reason(moderator, reason)
    with transaction.atomic():
        report = _open_report(report_id)
        decide(
            moderator, Action.DISMISSED, report.subject_type, report.subject_id, why, closes_as=ReportState.DISMISSED
        )


def approve_cameo(moderator: User, cameo_id: int, *, reason: str) -> None:
    """Find that a recording shows whom it says: the cameo is in force. Raises Forbidden, Invalid, NotFound, Conflict
    when it does not wait for this.
    """
    why = checked_reason(moderator, reason)
    with transaction.atomic():
        enrolling.approve(moderator, cameo_id, reason=why)
        decide(moderator, Action.APPROVED, SubjectType.CAMEO, cameo_id, why)


def reject_cameo(moderator: User, cameo_id: int, *, reason: str) -> None:
    """Find that it does not: the owner is told the reason, and the recording is destroyed. Raises what
    `approve_cameo` raises.
    """
    why = checked_reason(moderator, reason)
    with transaction.atomic():
        enrolling.reject(moderator, cameo_id, reason=why)
        decide(moderator, Action.REJECTED, SubjectType.CAMEO, cameo_id, why)


def close_memorial(moderator: User, memorial_id: int, *, reason: str) -> None:
    """Close the names of a claim. Raises Forbidden, Invalid, NotFound, Conflict when they are closed already."""
    why = checked_reason(moderator, reason)
    with transaction.atomic():
        memorials.close(memorial_id)
        decide(moderator, Action.CLOSED, SubjectType.MEMORIAL, memorial_id, why)


def decline_memorial(moderator: User, memorial_id: int, *, reason: str) -> None:
    """Not agree with a claim, or open its names again. Raises Forbidden, Invalid, NotFound, Conflict when it is
    declined already.
    """
    why = checked_reason(moderator, reason)
    with transaction.atomic():
        memorials.decline(memorial_id)
        decide(moderator, Action.DECLINED, SubjectType.MEMORIAL, memorial_id, why)


def start_experiment(moderator: User, *, reason: str, **terms: Any) -> Experiment:
    """Begin an experiment with the cards of the feed. Raises Forbidden, Invalid, Conflict while another one runs."""
    why = checked_reason(moderator, reason)
    with transaction.atomic():
        experiment = experimenting.start(now=timezone.now(), **terms)
        decide(moderator, Action.STARTED, SubjectType.EXPERIMENT, experiment.pk, why)
    return experiment


def stop_experiment(moderator: User, experiment_id: int, *, reason: str) -> None:
    """End an experiment before its time. Raises Forbidden, Invalid, NotFound, Conflict when it is over."""
    why = checked_reason(moderator, reason)
    with transaction.atomic():
        experimenting.stop(experiment_id, timezone.now())
        decide(moderator, Action.STOPPED, SubjectType.EXPERIMENT, experiment_id, why)


def announce_challenge(moderator: User, *, reason: str, **words: Any) -> Challenge:
    """Make a challenge that people see from now on. Raises Forbidden, Invalid."""
    why = checked_reason(moderator, reason)
    with transaction.atomic():
        challenge = hosting.announce_challenge(moderator, **words)
        decide(moderator, Action.ADDED, SubjectType.CHALLENGE, challenge.pk, why)
    return challenge


def change_challenge(moderator: User, challenge_id: int, *, reason: str, **words: Any) -> Challenge:
    """Change what a challenge says, or its window. Raises Forbidden, Invalid, NotFound."""
    why = checked_reason(moderator, reason)
    with transaction.atomic():
        challenge = hosting.change_challenge(challenge_id, **words)
        decide(moderator, Action.CHANGED, SubjectType.CHALLENGE, challenge_id, why)
    return challenge


def end_challenge(moderator: User, challenge_id: int, *, reason: str) -> None:
    """Let a challenge be over now. Raises Forbidden, Invalid, NotFound, Conflict when it is not open."""
    why = checked_reason(moderator, reason)
    with transaction.atomic():
        hosting.end_challenge(challenge_id)
        decide(moderator, Action.ENDED, SubjectType.CHALLENGE, challenge_id, why)


def unlist_challenge(moderator: User, challenge_id: int, *, reason: str) -> None:
    """Let nobody know of a challenge any more. Raises Forbidden, Invalid, NotFound, Conflict when it is so already."""
    why = checked_reason(moderator, reason)
    with transaction.atomic():
        hosting.list_challenge(challenge_id, is_listed=False)
        decide(moderator, Action.UNLISTED, SubjectType.CHALLENGE, challenge_id, why)


def relist_challenge(moderator: User, challenge_id: int, *, reason: str) -> None:
    """Undo `unlist_challenge`. Raises Forbidden, Invalid, NotFound, Conflict when it is listed."""
    why = checked_reason(moderator, reason)
    with transaction.atomic():
        hosting.list_challenge(challenge_id, is_listed=True)
        decide(moderator, Action.LISTED, SubjectType.CHALLENGE, challenge_id, why)


def remove_template(moderator: User, template_id: int, *, reason: str) -> None:
    """Let nobody read or use a template any more; what was made with it stays, without its title.

    Raises Forbidden, Invalid, NotFound, Conflict when it is removed already.
    """
    why = checked_reason(moderator, reason)
    with transaction.atomic():
        if not judging.remove_template(template_id):
            raise _why_no_template(template_id, "It is removed already.")
        decide(moderator, Action.REMOVED, SubjectType.TEMPLATE, template_id, why)


def restore_template(moderator: User, template_id: int, *, reason: str) -> None:
    """Undo `remove_template`. Raises Forbidden, Invalid, NotFound, Conflict when it is not removed."""
    why = checked_reason(moderator, reason)
    with transaction.atomic():
        if not judging.restore_template(template_id):
            raise _why_no_template(template_id, "It is not removed.")
        decide(moderator, Action.RESTORED, SubjectType.TEMPLATE, template_id, why)


def _why_no_template(template_id: int, sentence: str) -> Exception:
    return Conflict(sentence) if Template.objects.filter(pk=template_id).exists() else NotFound()


def promote_model(moderator: User, model_id: int, *, reason: str) -> None:
    """Let a trained model rank For You. Raises Forbidden, Invalid, NotFound, Conflict when it is live already or
    cannot be served.
    """
    why = checked_reason(moderator, reason)
    with transaction.atomic():
        lifecycle.promote(model_id, reason=why)
        decide(moderator, Action.PROMOTED, SubjectType.MODEL, model_id, why)


def roll_back_model(moderator: User, model_id: int, *, reason: str) -> None:
    """Take the live model back, for the one before it. Raises Forbidden, Invalid, Conflict when it is not live."""
    why = checked_reason(moderator, reason)
    with transaction.atomic():
        lifecycle.roll_back(model_id, reason=why)
        decide(moderator, Action.ROLLED_BACK, SubjectType.MODEL, model_id, why)


def add_topic(moderator: User, *, reason: str, code: str, **words: Any) -> Topic:
    """Add a topic that posts may be about. Raises Forbidden, Invalid, Conflict when there is no room."""
    why = checked_reason(moderator, reason)
    with transaction.atomic():
        topic = vocabulary.add_topic(code, words)
        decide(moderator, Action.ADDED, SubjectType.TOPIC, topic.pk, why)
    return topic


def change_topic(moderator: User, topic_id: int, *, reason: str, **words: Any) -> None:
    """Change names, words or standing of a topic. Raises Forbidden, Invalid, NotFound."""
    why = checked_reason(moderator, reason)
    with transaction.atomic():
        vocabulary.change_topic(topic_id, words)
        decide(moderator, Action.CHANGED, SubjectType.TOPIC, topic_id, why)


def checked_reason(moderator: User, reason: str) -> str:
    """The reason of a decision, trimmed. Raises Forbidden, Invalid."""
    require_moderator(moderator)
    why = reason.strip()
    if not SHORTEST_REASON <= len(why) <= LONGEST_REASON:
        raise Invalid.field("reason", f"Say why, in {SHORTEST_REASON} to {LONGEST_REASON} characters.")
    return why


def decide(
    moderator: User,
    action: Action,
    subject_type: SubjectType,
    subject_id: int,
    reason: str,
    *,
    closes_as: ReportState | None = None,
    where: str = "",
) -> None:
    """Write a decision into the audit log, and close the open reports of its subject where it settles them.

    In the transaction that carries it out. `where` is the room, for what is decided of a person there.
    """
    entry = AuditEntry.objects.create(
        actor=moderator, action=action, subject_type=subject_type, subject_id=subject_id, reason=reason, path=where
    )
    person_id = _concerned(subject_type, subject_id)
    if person_id is not None:
        outbox.announce(
            PersonDecidedOn(
                decision_id=entry.pk, person_id=person_id, action=str(action), subject_type=str(subject_type)
            )
        )
    if closes_as is not None:
        reports = Report.objects.open().about(subject_type, subject_id)
        if closes_as == ReportState.UPHELD and subject_type == SubjectType.POST:
            _note_complaints(subject_id, reports)
        reports.update(state=closes_as, decision=entry, closed_at=Now())


def _concerned(subject_type: SubjectType, subject_id: int) -> int | None:  # noqa: PLR0911 - a table of subjects
    """Whom a decision about this concerns; None for what is nobody's."""
    match subject_type:
        case SubjectType.PERSON:
            return subject_id
        case SubjectType.POST:
            return Post.objects.values_list("author_id", flat=True).get(pk=subject_id)
        case SubjectType.COMMENT:
            return Comment.objects.values_list("author_id", flat=True).get(pk=subject_id)
        case SubjectType.MESSAGE:
            return Message.objects.values_list("author_id", flat=True).get(pk=subject_id)
        case SubjectType.CAMEO:
            return Cameo.objects.values_list("owner_id", flat=True).get(pk=subject_id)
        case SubjectType.TEMPLATE:
            return Template.objects.values_list("author_id", flat=True).get(pk=subject_id)
    return None


def _note_complaints(post_id: int, reports: QuerySet[Report]) -> None:
    """Who reported what was made with a face of theirs, and was right, has complained of its maker."""
    author_id = Post.objects.values_list("author_id", flat=True).get(pk=post_id)
    for reporter_id in reports.filter(reason=ReportReason.LIKENESS).values_list("reporter_id", flat=True):
        complaints.note_upheld(post_id, requester_id=author_id, complainant_id=reporter_id)


def _why_not(post_id: int, sentence: str) -> Exception:
    return Conflict(sentence) if Post.objects.filter(pk=post_id).exists() else NotFound()


def _locked_person(person_id: int) -> User:
    person: User | None = User.objects.select_for_update().filter(pk=person_id).first()
    if person is None:
        raise NotFound
    return person


def _open_report(report_id: int) -> Report:
    """The report, if it is open. Its subject is locked before it, as in every decision, so that two cannot deadlock."""
    report = Report.objects.filter(pk=report_id).first()
    if report is None:
        raise NotFound
    _lock_subject(report)
    if not Report.objects.open().filter(pk=report_id).exists():
        raise Conflict("This report is closed already.")
    return report


def _lock_subject(report: Report) -> None:
    match report.subject_type:
        case SubjectType.PERSON:
            _locked_person(report.subject_id)
        case SubjectType.COMMENT:  # removing a comment locks its room first
            Room.objects.select_for_update().filter(post__comments=report.subject_id).first()
        case SubjectType.MESSAGE:  # and removing a message its conversation
            Conversation.objects.select_for_update().filter(messages=report.subject_id).first()
        case _:
            Post.objects.select_for_update().filter(pk=report.subject_id).first()
