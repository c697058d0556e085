"""What follows from what happened: read it like `urls.py`.

Each event is announced in the transaction that caused it; each handler runs in a transaction of its own, at least
once, and may run twice.
"""

from sora_social.accounts.events import InviteRedeemed, PersonBlocked, PersonChanged
from sora_social.core.outbox import Aftermath
from sora_social.credits import quota

AFTERMATH: Aftermath = {
    InviteRedeemed: [quota.reward_invite],
    PersonBlocked: [],
    PersonChanged: [],
}
