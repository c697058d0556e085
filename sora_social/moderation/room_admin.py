"""The pages of the desk for what is said in rooms."""

from typing import Any

from django.contrib.admin import display
from django.http import HttpRequest
from django.utils.safestring import SafeString

from sora_social.moderation import room_deciding, room_viewing
from sora_social.moderation.base_admin import Decision, DeskAdmin, label, link_to, short, state_filter
from sora_social.moderation.models import SubjectType
from sora_social.posts.models import Comment, Speakers

# of the room of a post, on the page of the post
ROOM_DECISIONS = {
    "close_room": Decision("close_room", "Close the room", room_deciding.close_room, "Closed: only the author speaks."),
    "hold_room": Decision("hold_room", "Hold comments", room_deciding.hold_room, "Every comment waits for review now."),
    "open_room": Decision("open_room", "Open the room", room_deciding.open_room, "Open: everybody speaks."),
}


def room_decisions(seen: room_viewing.RoomSeen) -> list[str]:
    """What makes sense for a room now."""
    room = seen.room
    offered = [] if room.who == Speakers.NOBODY else ["close_room"]
    if not room.hold:
        offered.append("hold_room")
    return offered if room.who == Speakers.EVERYONE and not room.hold else [*offered, "open_room"]


class CommentsPage(DeskAdmin):
    subject_type = SubjectType.COMMENT
    heading = "Comments"
    case_template = "moderation/comment.html"
    search_fields = ("text",)
    search_help_text = "Words, the id of a comment or of its post, or @handle"
    ordering = ("-id",)
    list_filter = (state_filter("State", "state", room_viewing.COMMENT_STATES), "created_at")
    list_display = ("words", "author_link", "state", "post_link", "created_at")
    sortable_by = ()
    decisions = {
        "remove": Decision("remove", "Remove", room_deciding.remove_comment, "Removed.", is_grave=True),
        "approve": Decision("approve", "Approve", room_deciding.approve_comment, "Approved: everybody sees it."),
        "silence": Decision("silence", "Time out for a day", room_deciding.silence_author, "They only listen there."),
        "hide": Decision("hide", "Hide the author here", room_deciding.hide_author, "Hidden there, and not told."),
        "show": Decision("show", "Show the author again", room_deciding.show_author, "Shown again."),
    }

    def get_queryset(self, request: HttpRequest) -> Any:
        return room_viewing.comments()

    def searched(self, rows: Any, term: str) -> Any:
        return room_viewing.search_comments(rows, term)

    def case(self, subject_id: int) -> room_viewing.CommentCase:
        return room_viewing.comment_case(subject_id)

    def offered(self, case: room_viewing.CommentCase) -> list[str]:
        comment, restraint = case.comment, case.restraint
        offered = [] if comment.deleted_at else ["remove", *(["approve"] if comment.is_held else [])]
        if comment.author_id == comment.post.author_id:
            return offered
        return [*offered, "silence", "show" if restraint and restraint.is_hidden else "hide"]

    @display(description="what was said")
    def words(self, comment: Comment) -> str:
        return short(comment.text)

    @display(description="author")
    def author_link(self, comment: Comment) -> SafeString:
        return link_to(comment.author)

    @label(label={"removed": "danger", "held": "warning"})
    def state(self, comment: Comment) -> str:
        if comment.deleted_at:
            return "removed"
        return "held" if comment.is_held else "shown"

    @display(description="under")
    def post_link(self, comment: Comment) -> SafeString:
        return link_to(comment.post, short(comment.post.caption))
