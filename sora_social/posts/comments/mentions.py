"""Who is meant by the @names in a comment."""

import re
from collections.abc import Sequence
from typing import TypedDict

from django.utils import timezone

from sora_social.accounts.models import Follow, Handle, User

AT_MOST = 10
_NAME = re.compile(r"(?<![\w@.])@([a-z0-9_.]{2,40})", re.IGNORECASE)


class Mention(TypedDict):
    handle: str
    id: int


def named_in(author: User, text: str) -> list[Mention]:
    """The people whom a text names, in its order, each name once, ten at most.

    Only whom `author` may know of: across a block nobody is named. An adult does not reach a teen in this way who does
    not follow them. Names that people had before lead to them.
    """
    names = _names(text)
    if not names:
        return []
    known = User.objects.visible_to(author).exclude(pk=author.pk)
    found = Handle.objects.filter(name__in={form for forms in names for form in forms}, person__in=known)
    people = {handle.name: handle.person for handle in found.select_related("person") if handle.person}
    beyond = out_of_reach(author, list(people.values()))
    meant = [next((form for form in forms if form in people), "") for forms in names]
    return [
        Mention(handle=name, id=people[name].pk)
        for name in dict.fromkeys(filter(None, meant))
        if people[name].pk not in beyond
    ][:AT_MOST]


def _names(text: str) -> list[list[str]]:
    """For each @name the ways to read it: a full stop at its end belongs to the sentence, or to the name."""
    found = [name.lower() for name in _NAME.findall(text)]
    return [list(dict.fromkeys((name, name.rstrip(".")))) for name in found][: 2 * AT_MOST]


def out_of_reach(author: User, people: Sequence[User]) -> set[int]:
    """Those of these people whom nothing is to be told of what `author` says: teens who do not follow that adult."""
    today = timezone.now().date()
    teens = {person.pk for person in people if person.is_teen(today)}
    if not teens or author.is_teen(today):
        return set()
    known = Follow.objects.filter(follower__in=teens, followee=author).values_list("follower_id", flat=True)
    return teens - set(known)
