"""What follows from what happened: read it like `urls.py`.

Each event is announced in the transaction that caused it; each handler runs in a transaction of its own, at least
once, and may run twice. What is `FIRST` waits for nothing that is not; what an event has in both tables is done beside
each other, so that neither may rely on the other. Those that are at once run in the transaction of the act, and once.

Events wait: those of a scheduled post for weeks. Who moves a handler between `FIRST` and `AFTERMATH` sets `goes_first`
of one waiting row of each such event to null, and deletes the other one, in the same release.
"""

from cameos import consent, enrolling, erasing
from cameos.events import (
    CameoActivated,
    CameoErased,
    CastRequestAnswered,
    ConsentNarrowed,
    ConsentRevoked,
    LikenessRefused,
    RecordingStored,
)
from feeds import attributing, exposure
from feeds.discovery import entries, reach, search_index
from feeds.order import timelines
from feeds.scroll import nudges, scrolling
from feeds.steering import topics
from remix import counting, derivations
from remix.events import DerivationDetached
from sora_social.accounts.events import InviteRedeemed, PersonBlocked, PersonChanged, PersonFollowed, PersonUnfollowed
from sora_social.core.outbox import Aftermath
from sora_social.credits import quota
from sora_social.inbox.conversations import conversing
from sora_social.inbox.events import MessageSent
from sora_social.inbox.notifications import noticing
from sora_social.inbox.push import waking
from sora_social.moderation import room_deciding
from sora_social.moderation.events import PersonDecidedOn
from sora_social.posts import crediting
from sora_social.posts.events import (
    CommentSaid,
    PostEdited,
    PostLiked,
    PostPublished,
    PostRestored,
    PostsWithdrawn,
    PostVisibilityChanged,
    RoomLookedInto,
    RoomModerated,
)
from sora_social.posts.live import rechecks
from sora_social.studio import cancelling, cocreating, drafts, generating, publishing, withdrawing
from sora_social.studio.events import (
    CoCreatorAnswered,
    CoCreatorInvited,
    DraftDeleted,
    GenerationFinished,
    GenerationQueued,
    TemplateChanged,
    TemplateJudged,
)
from sora_social.studio.templates import judging, using

AT_ONCE: Aftermath = {
    # a block that is taken away again brings no grant, invitation or credit back
    PersonBlocked: [
        consent.end_across_wall,
        cocreating.end_across_wall,
        crediting.end_across_wall,
        derivations.hide_across_wall,
    ],
    PostVisibilityChanged: [publishing.follow_visibility],  # what nobody saw yet asks its cast, or stays unseen
    PostLiked: [noticing.of_like],  # a jotting, no more: there may be thousands a second
    RoomLookedInto: [room_deciding.note_room_look],
    RoomModerated: [room_deciding.note_room_act],  # no act of a moderator without its line in the log
    TemplateChanged: [search_index.follow_template],
    PostEdited: [search_index.follow],  # nobody finds a post by words that its author took out
}

FIRST: Aftermath = {
    PersonBlocked: [cancelling.cancel_across_wall, rechecks.after_block],
    PersonChanged: [consent.follow_person, rechecks.after_change],
    ConsentNarrowed: [cancelling.cancel_without_consent, withdrawing.settle_narrowed],
    ConsentRevoked: [rechecks.after_revocation, withdrawing.settle_revoked],
    CastRequestAnswered: [withdrawing.follow_answer],
    PostPublished: [counting.recount, entries.follow],
    PostsWithdrawn: [counting.recount, entries.follow, rechecks.after_withdrawal],
    PostRestored: [counting.recount, entries.follow],
    PostVisibilityChanged: [counting.recount, entries.follow],
    DerivationDetached: [counting.follow_detachment],
    GenerationQueued: [generating.enqueue],
    RecordingStored: [enrolling.enqueue],
    LikenessRefused: [enrolling.destroy_refused],
    CameoErased: [erasing.purge],
}

# these take many events at once, where nothing else goes first; entries are counted by what was counted before
TOGETHER = frozenset({counting.recount, entries.follow})

AFTERMATH: Aftermath = {
    InviteRedeemed: [quota.reward_invite, noticing.of_invite],
    PersonFollowed: [timelines.forget, reach.credit_follow, noticing.of_follow],
    PersonUnfollowed: [timelines.forget],
    PersonBlocked: [conversing.withdraw_across_wall],
    PersonChanged: [search_index.follow_person],
    CameoActivated: [search_index.follow_cameo],
    ConsentNarrowed: [search_index.follow_cameo],
    CastRequestAnswered: [noticing.of_answer],
    PostPublished: [
        exposure.begin,
        timelines.push,
        search_index.follow,
        attributing.note_publication,
        nudges.note_publishing,
        noticing.of_post,
        topics.classify,  # the last: a worker's first one takes seconds
    ],
    PostsWithdrawn: [exposure.follow, search_index.follow_withdrawal, drafts.return_drafts],
    PostRestored: [exposure.follow, search_index.follow],
    CommentSaid: [noticing.of_comment],
    MessageSent: [waking.of_message],
    PersonDecidedOn: [noticing.of_decision],
    PostVisibilityChanged: [search_index.follow, noticing.of_post],
    TemplateJudged: [judging.follow_judgement],
    GenerationQueued: [scrolling.follow_making, attributing.note_submission],
    GenerationFinished: [noticing.of_job, using.note_use],
    CoCreatorInvited: [noticing.of_co_creator_invite],
    CoCreatorAnswered: [noticing.of_co_creator_answer],
    DraftDeleted: [drafts.purge_deleted],
    CameoErased: [search_index.follow_cameo],
}
