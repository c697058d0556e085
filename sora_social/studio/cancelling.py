"""Jobs that end before their time: by their owner, because a wall went up, or because consent was taken back."""

from django.db import transaction
from django.db.models import Q

from cameos import casting
from cameos.events import ConsentNarrowed
from cameos.models import Appearance
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
    for job in Generation.objects.select_for_update().filter(pk__in=ids, status__in=OPEN).order_by("owner_id", "id"):
        generating.end(job, JobStatus.CANCELLED)


def cancel_without_consent(event: ConsentNarrowed) -> None:
    """Cancel what people have being made with a cameo that they may not cast any more."""
    rows = Appearance.objects.filter(cameo=event.cameo_id, draft_id=None).order_by()
    ids = Generation.objects.filter(status__in=OPEN, pk__in=rows.values("job_id"))
    # by owner, as their accounts are locked next
    jobs = Generation.objects.select_for_update(of=("self",)).select_related("owner").filter(pk__in=ids)
    for job in jobs.order_by("owner_id", "id"):
        lapsed = casting.cast_of_job(job.pk).filter(cameo=event.cameo_id).unusable().exists()
        if lapsed or not casting.castable_among(job.owner, [event.cameo_id]):
            generating.end(job, JobStatus.CANCELLED)
