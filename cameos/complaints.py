"""Complaints of people about what others made with their faces: two that were upheld close doors for a while."""

from cameos.models import Appearance, Complaint


def note_upheld(post_id: int, *, requester_id: int, complainant_id: int) -> bool:
    """Note that a moderator agreed with a complaint about a post. In the caller's transaction; may be repeated.

    Counts only for who owns a face in the post that somebody else put there: whoever merely reports closes nobody's
    doors. Returns whether it counts.
    """
    in_post = Appearance.objects.filter(post_id=post_id, cameo__owner=complainant_id)
    if requester_id == complainant_id or not in_post.exists():
        return False
    Complaint.objects.get_or_create(requester_id=requester_id, complainant_id=complainant_id, post_id=post_id)
    return True
