"""Who may do what: a row for every operation of the OpenAPI document, a column for every kind of person.

A route without a row fails the build (S01). Everything in the scene belongs to ada; mallory is behind her block.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

ROLES = ("signed_out", "owner", "other", "blocked", "teen", "suspended", "waitlisted", "moderator")
Answers = Mapping[str, int]


@dataclass(frozen=True)
class Row:
    answers: Answers
    body: Mapping[str, Any] | None = None
    query: Mapping[str, Any] = field(default_factory=dict)
    path: Mapping[str, str] = field(default_factory=dict)
    upload: bool = False


def member(status: int) -> dict[str, int]:
    """Everybody who is in answers the same."""
    return {**dict.fromkeys(ROLES, status), "signed_out": 401, "suspended": 403, "waitlisted": 403}


def everybody(status: int) -> dict[str, int]:
    return dict.fromkeys(ROLES, status)


def shared(status: int) -> dict[str, int]:
    """A thing of ada's that is public: not there for who is behind her block."""
    return {**member(status), "blocked": 404}


def owned(status: int) -> dict[str, int]:
    """A thing of ada's that is hers alone."""
    return {**member(404), "owner": status}


def authored(status: int) -> dict[str, int]:
    """A public thing that only ada, who made it, may change: others know of it."""
    return {**member(403), "owner": status, "blocked": 404}


def hosted(status: int) -> dict[str, int]:
    """What ada does in her room, and a moderator in any, with a reason."""
    return {**authored(status), "moderator": status}


def in_any_standing(answers: Answers) -> dict[str, int]:
    """Taking consent back, and reading what was agreed: for the suspended and the waiting as for others."""
    return {**answers, "suspended": answers["other"], "waitlisted": answers["other"]}


RELEASE_TERMS = "2026-11"
BEGUN = {"cameo_id": "{begun_cameo_id}"}  # a cameo of ada's that waits for its recording

TABLE: dict[tuple[str, str], Row] = {
    ("GET", "/v1/config"): Row(everybody(200)),
    # accounts
    ("GET", "/v1/me"): Row({**member(200), "waitlisted": 200}),
    ("PATCH", "/v1/me"): Row({**member(200), "waitlisted": 200}, body={"bio": "hello"}),
    ("GET", "/v1/me/blocks"): Row(member(200)),
    ("GET", "/v1/me/limits"): Row(member(200)),
    ("GET", "/v1/credits"): Row(member(200)),
    ("GET", "/v1/credits/entries"): Row(member(200)),
    ("GET", "/v1/me/saves"): Row(member(200)),
    ("GET", "/v1/invites"): Row(member(200)),
    ("POST", "/v1/waitlist"): Row(everybody(202), body={"email": "someone@example.org"}),
    ("GET", "/v1/people/{handle}"): Row(shared(200)),
    ("GET", "/v1/people/{handle}/followers"): Row(shared(200)),
    ("GET", "/v1/people/{handle}/following"): Row(shared(200)),
    ("GET", "/v1/people/{handle}/posts"): Row(shared(200)),
    ("PUT", "/v1/people/{handle}/follow"): Row({**shared(204), "owner": 422}),
    ("DELETE", "/v1/people/{handle}/follow"): Row({**shared(204), "owner": 422}),
    ("PUT", "/v1/people/{handle}/block"): Row({**shared(204), "owner": 422}),
    ("DELETE", "/v1/people/{handle}/block"): Row({**shared(204), "owner": 422}),
    ("PUT", "/v1/people/{handle}/mute"): Row({**shared(204), "owner": 422}),
    ("DELETE", "/v1/people/{handle}/mute"): Row({**shared(204), "owner": 422}),
    ("GET", "/v1/people/{handle}/appearances"): Row(shared(200)),
    # my face
    ("GET", "/v1/cameos/{cameo_id}/appearances"): Row(in_any_standing(owned(200))),
    ("DELETE", "/v1/cameos/{cameo_id}/appearances/{appearance_id}"): Row(in_any_standing(owned(204))),
    ("GET", "/v1/cast-requests"): Row(in_any_standing(member(200))),
    ("POST", "/v1/cast-requests/{request_id}/approve"): Row(owned(204)),
    ("POST", "/v1/cast-requests/{request_id}/decline"): Row(in_any_standing(owned(204))),
    # what was agreed to with a cameo
    ("GET", "/v1/consent-keys"): Row(everybody(200)),
    ("GET", "/v1/release-terms/{version}"): Row(everybody(200), path={"version": "2026-11"}),
    ("GET", "/v1/consent-records/{record_id}/receipt"): Row(in_any_standing(owned(200))),
    ("GET", "/v1/cameos/{cameo_id}/ledger"): Row(in_any_standing(owned(200))),
    ("GET", "/v1/cameos/{cameo_id}/evidence"): Row(in_any_standing(owned(200))),
    # posts
    ("GET", "/v1/posts/{post_id}"): Row(shared(200)),
    ("PATCH", "/v1/posts/{post_id}"): Row(authored(200), body={"caption": "mine"}),
    ("DELETE", "/v1/posts/{post_id}"): Row(authored(204)),
    ("GET", "/v1/posts/{post_id}/manifest"): Row(shared(200)),
    ("GET", "/v1/manifest-certificates"): Row(everybody(200)),
    ("POST", "/v1/posts/{post_id}/undo"): Row(authored(409)),
    ("DELETE", "/v1/posts/{post_id}/co-creators/me"): Row(owned(204), path={"post_id": "{credited_post_id}"}),
    ("PUT", "/v1/posts/{post_id}/like"): Row(shared(204)),
    ("DELETE", "/v1/posts/{post_id}/like"): Row(shared(204)),
    ("PUT", "/v1/posts/{post_id}/save"): Row(shared(204)),
    ("DELETE", "/v1/posts/{post_id}/save"): Row(shared(204)),
    ("GET", "/v1/tags/{tag}"): Row(member(200)),
    # lineage
    ("GET", "/v1/posts/{post_id}/remixes"): Row(shared(200)),
    ("GET", "/v1/posts/{post_id}/siblings"): Row(shared(200), query={"direction": "left"}),
    ("GET", "/v1/posts/{post_id}/lineage"): Row(shared(200)),
    ("GET", "/v1/posts/{post_id}/path"): Row(shared(200), query={"to": "{child_id}"}),
    ("GET", "/v1/posts/{post_id}/tree"): Row(shared(200)),
    ("GET", "/v1/posts/{post_id}/lineage.json"): Row(shared(200)),
    ("GET", "/v1/posts/{post_id}/lineage.graphml"): Row(shared(200)),
    ("GET", "/v1/posts/{post_id}/lineage.svg"): Row(shared(200)),
    ("POST", "/v1/posts/{post_id}/share"): Row(shared(200)),
    ("GET", "/v1/posts/{post_id}/leaves"): Row(shared(200)),
    ("GET", "/v1/posts/{post_id}/derivations"): Row(authored(200)),
    ("PATCH", "/v1/posts/{post_id}/derivations/{child_id}"): Row(authored(200), body={"hidden": True}),
    # feeds
    ("GET", "/v1/feed"): Row(member(200)),
    ("GET", "/v1/feed/ranking-card"): Row(member(200)),
    ("POST", "/v1/feed/reset"): Row(member(200)),
    ("GET", "/v1/steering"): Row(member(200)),
    ("POST", "/v1/steering"): Row(member(201), body={"text": "more cats, no politics"}),
    ("PATCH", "/v1/steering/{rule_id}"): Row(owned(200), body={"polarity": "less"}),
    ("DELETE", "/v1/steering/{rule_id}"): Row(owned(204)),
    ("GET", "/v1/steering/signals"): Row(member(200)),
    ("PATCH", "/v1/steering/signals"): Row(member(200), body={"likes": False}),
    ("GET", "/v1/interests"): Row(member(200)),
    ("PUT", "/v1/interests"): Row({**member(200), "teen": 403}, body={"topics": ["cats"]}),
    ("DELETE", "/v1/interests"): Row(member(204)),
    ("GET", "/v1/posts/{post_id}/reach"): Row(owned(200)),
    ("GET", "/v1/challenges"): Row(member(200)),
    ("GET", "/v1/challenges/{challenge_id}"): Row(member(200)),
    ("GET", "/v1/challenges/{challenge_id}/posts"): Row(member(200)),
    ("GET", "/v1/challenges/{challenge_id}/leaderboards/{board}"): Row(member(200)),
    ("GET", "/v1/leaderboards/{board}"): Row(member(200)),
    ("GET", "/v1/search"): Row(member(200), query={"q": "sea"}),
    ("PUT", "/v1/nudges/{nudge_id}/outcome"): Row(owned(200), body={"outcome": "dismissed"}),
    ("GET", "/v1/me/scrolling"): Row(member(200)),
    ("PATCH", "/v1/me/scrolling"): Row(
        member(200), body={"quiet_hours": {"begins": "21:00", "ends": "08:00"}, "daily_minutes": 30}
    ),
    ("GET", "/v1/check-ins"): Row(member(200)),
    ("POST", "/v1/check-ins"): Row(member(201), body={"answer": "worse"}),
    ("POST", "/v1/impressions"): Row(
        member(202), body={"items": [{"impression_id": "1-0", "visible_ms": 1, "watched_ms": 1}]}
    ),
    ("POST", "/v1/posts/{post_id}/not-interested"): Row(shared(204)),
    ("GET", "/v1/posts/{post_id}/why"): Row(shared(404)),
    # cameos
    ("GET", "/v1/cameos"): Row(in_any_standing(member(200))),
    ("POST", "/v1/cameos"): Row(
        {**member(201), "owner": 409}, body={"kind": "person", "display_name": "the one and only"}
    ),
    ("GET", "/v1/cameos/{cameo_id}"): Row(shared(200)),
    ("PATCH", "/v1/cameos/{cameo_id}"): Row(owned(200), body={"audience": "approved"}),
    ("DELETE", "/v1/cameos/{cameo_id}"): Row(in_any_standing(owned(204))),
    ("PUT", "/v1/cameos/{cameo_id}/release"): Row(owned(200), body={"terms_version": RELEASE_TERMS}, path=BEGUN),
    ("POST", "/v1/cameos/{cameo_id}/recording"): Row(owned(202), upload=True, path=BEGUN),
    ("GET", "/v1/cameos/{cameo_id}/grants"): Row(in_any_standing(owned(200))),
    ("PUT", "/v1/cameos/{cameo_id}/grants/{handle}"): Row(owned(204), path={"handle": "cy"}),
    ("DELETE", "/v1/cameos/{cameo_id}/grants/{handle}"): Row(in_any_standing(owned(204)), path={"handle": "cy"}),
    ("POST", "/v1/cameos/{cameo_id}/revoke"): Row(in_any_standing(owned(204)), body={"mode": "unpublish_all"}),
    ("POST", "/v1/cameos/{cameo_id}/renew"): Row(owned(200)),
    ("POST", "/v1/me/hide-my-face"): Row(in_any_standing(member(204))),
    ("GET", "/v1/characters"): Row(member(200)),
    ("GET", "/v1/memorials"): Row(member(200)),
    ("POST", "/v1/memorials"): Row(
        member(201), body={"name": "Vera Lindqvist", "relation": "her son", "evidence": "the will"}
    ),
    # studio
    ("GET", "/v1/generations"): Row(member(200)),
    ("POST", "/v1/generations"): Row(member(202), body={"prompt": "a quiet beach"}),
    ("GET", "/v1/generations/{job_id}"): Row(owned(200)),
    ("POST", "/v1/generations/{job_id}/cancel"): Row(owned(409)),
    ("POST", "/v1/generations/{job_id}/reroll"): Row(owned(202)),
    ("POST", "/v1/posts/{post_id}/remix"): Row(shared(202), body={"prompt": "the same at night"}),
    ("GET", "/v1/templates"): Row(member(200)),
    ("POST", "/v1/templates"): Row(
        authored(201),
        body={"post_id": "{made_post_id}", "title": "The same", "prompt": "a {{what}}", "slots": [{"name": "what"}]},
    ),
    ("GET", "/v1/templates/{template_id}"): Row(shared(200)),
    ("PATCH", "/v1/templates/{template_id}"): Row(authored(200), body={"title": "Another"}),
    ("DELETE", "/v1/templates/{template_id}"): Row(authored(204)),
    ("POST", "/v1/templates/{template_id}/use"): Row(shared(202), body={"slots": {"animal": "dog"}}),
    ("GET", "/v1/drafts"): Row(member(200)),
    ("GET", "/v1/drafts/{draft_id}"): Row(owned(200)),
    ("DELETE", "/v1/drafts/{draft_id}"): Row(owned(204)),
    ("GET", "/v1/drafts/invitations"): Row(member(200)),
    ("GET", "/v1/drafts/{draft_id}/co-creators"): Row(owned(200)),
    ("PUT", "/v1/drafts/{draft_id}/co-creators/{handle}"): Row(owned(204), path={"handle": "pal"}),
    ("DELETE", "/v1/drafts/{draft_id}/co-creators/{handle}"): Row(owned(204), path={"handle": "pal"}),
    ("POST", "/v1/drafts/{draft_id}/co-creators/accept"): Row(owned(204), path={"draft_id": "{invited_draft_id}"}),
    ("POST", "/v1/drafts/{draft_id}/co-creators/veto"): Row(owned(204), path={"draft_id": "{invited_draft_id}"}),
    ("POST", "/v1/drafts/{draft_id}/publish"): Row(owned(201), body={"caption": "done"}),
    # comments
    ("GET", "/v1/posts/{post_id}/comments"): Row(shared(200)),
    ("POST", "/v1/posts/{post_id}/comments"): Row(shared(201), body={"text": "hello"}),
    ("PATCH", "/v1/comments/{comment_id}"): Row(authored(200), body={"text": "hello again"}),
    ("DELETE", "/v1/comments/{comment_id}"): Row(hosted(204), query={"reason": "rude"}),
    ("PUT", "/v1/comments/{comment_id}/like"): Row(shared(204)),
    ("DELETE", "/v1/comments/{comment_id}/like"): Row(shared(204)),
    ("GET", "/v1/comments/{comment_id}/replies"): Row(shared(200)),
    ("POST", "/v1/live-tickets"): Row(member(201)),
    # messages: a group of ada's, and a request to her
    ("GET", "/v1/conversations"): Row(member(200)),
    ("POST", "/v1/conversations"): Row(
        {**member(201), "teen": 403}, body={"handles": ["cy"], "text": "hello", "post_id": None}
    ),
    ("GET", "/v1/conversations/{conversation_id}"): Row(owned(200)),
    ("PATCH", "/v1/conversations/{conversation_id}"): Row(owned(200), body={"title": "the sea", "muted": True}),
    ("GET", "/v1/conversations/{conversation_id}/messages"): Row(owned(200)),
    ("POST", "/v1/conversations/{conversation_id}/messages"): Row(owned(201), body={"text": "hello"}),
    ("PUT", "/v1/conversations/{conversation_id}/read"): Row(owned(204), body={"seq": 1}),
    ("POST", "/v1/conversations/{conversation_id}/accept"): Row(
        owned(204), path={"conversation_id": "{asked_conversation_id}"}
    ),
    ("POST", "/v1/conversations/{conversation_id}/decline"): Row(
        owned(204), path={"conversation_id": "{asked_conversation_id}"}
    ),
    ("PUT", "/v1/conversations/{conversation_id}/members/{handle}"): Row(owned(204), path={"handle": "cy"}),
    ("DELETE", "/v1/conversations/{conversation_id}/members/{handle}"): Row(owned(204), path={"handle": "asking"}),
    ("DELETE", "/v1/messages/{message_id}"): Row(owned(204)),
    # notifications
    ("GET", "/v1/notifications"): Row(member(200)),
    ("POST", "/v1/notifications/read"): Row(member(200), body={"up_to": 1}),
    ("GET", "/v1/notifications/choices"): Row(member(200)),
    ("PATCH", "/v1/notifications/choices"): Row(member(200), body={"types": {"like": {"push": False}}}),
    ("GET", "/v1/notifications/devices"): Row(member(200)),
    ("POST", "/v1/notifications/devices"): Row(member(201), body={"platform": "apns", "token": "ab" * 32}),
    ("DELETE", "/v1/notifications/devices/{device_id}"): Row(owned(204)),
    # the room of a post
    ("GET", "/v1/posts/{post_id}/room"): Row(shared(200)),
    ("PATCH", "/v1/posts/{post_id}/room"): Row(hosted(200), body={"slow_mode_s": 30, "reason": "too fast"}),
    ("GET", "/v1/posts/{post_id}/comments/held"): Row(hosted(200)),
    ("GET", "/v1/posts/{post_id}/restraints"): Row(hosted(200)),
    ("PUT", "/v1/posts/{post_id}/timeouts/{handle}"): Row(
        hosted(200), body={"seconds": 60, "reason": "too loud"}, path={"handle": "cy"}
    ),
    ("DELETE", "/v1/posts/{post_id}/timeouts/{handle}"): Row(
        hosted(204), query={"reason": "calm"}, path={"handle": "cy"}
    ),
    ("PUT", "/v1/posts/{post_id}/hidden/{handle}"): Row(hosted(204), body={"reason": "spam"}, path={"handle": "cy"}),
    ("DELETE", "/v1/posts/{post_id}/hidden/{handle}"): Row(
        hosted(204), query={"reason": "fine"}, path={"handle": "cy"}
    ),
    ("PUT", "/v1/comments/{comment_id}/approval"): Row(hosted(200), body={"reason": "fine"}),
    ("PUT", "/v1/comments/{comment_id}/pin"): Row(authored(204)),
    ("DELETE", "/v1/comments/{comment_id}/pin"): Row(authored(204)),
    # moderation
    ("POST", "/v1/reports"): Row(shared(201), body={"post_id": "{post_id}", "reason": "spam"}),
}
