"""Jobs that end before their time: by their owner, or because a wall went up."""

from django.db import transaction
from django.db.models import Q

from sora_social.accounts.events import PersonBlocked
from sora_social.accounts.models import User
from sora_social.core.errors import Conflict, NotFound
from sora_social.studio import generating
from sora_social.studio.models import OPEN, Generation, GenerationSource, JobStatus


def cancel(actor: User, job_id: int) -> None:
    """Stop one's own job and get the clips back. May be repeated. Raises NotFound; Conflict when it has ended."""
    with transaction.atomic():
        job = Generation.objects.owned_by(actor).select_for_update().filter(pk=job_id).first()
        if job is None:
            raise NotFound
        if job.status == JobStatus.CANCELLED:
            return
        if job.status not in OPEN:
            raise Conflict("This job has ended.", code="already_finished")
        generating.end(job, JobStatus.CANCELLED)


def cancel_across_wall(event: PersonBlocked) -> None:
    """Cancel what either of two people is having made from posts of the other."""
    one, other = event.blocker_id, event.blocked_id
    between = Q(generation__owner=one, post__author=other) | Q(generation__owner=other, post__author=one)
    ids = GenerationSource.objects.filter(between, generation__status__in=OPEN).values("generation_id")
    for job in Generation.objects.select_for_update().filter(pk__in=ids, status__in=OPEN).order_by("id"):
        generating.end(job, JobStatus.CANCELLED)
