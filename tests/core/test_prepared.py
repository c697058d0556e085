"""What a prepared statement finds is what the ORM finds."""

import importlib
import sys

import pytest
from django.db.models import Count, Exists, OuterRef

from sora_social.accounts.models import User
from sora_social.core.cursors import PreparedList, keyset_page
from sora_social.core.errors import Invalid
from sora_social.core.prepared import Prepared, PreparedModels, prepared_rows
from sora_social.posts import posting, reactions
from sora_social.posts.comments import commenting, hosting
from sora_social.posts.models import Comment, Like, Post
from tests import cast


def fields(row):
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_a_model_is_the_one_that_the_orm_makes(ada, bo):
    template = {"id": "1", "version": 1, "title": "Rain"}
    post = cast.post(bo, sources=[cast.post(ada)], kind="template", template=template, caption="a #tag")
    found, known = posting.post_for(ada, post.pk), Post.objects.get(pk=post.pk)
    assert fields(found) == fields(known)
    assert found == known
    assert found._state.db == known._state.db
    assert not found._state.adding
    found.caption = "another"
    found.save(update_fields=["caption"])
    assert Post.objects.get(pk=post.pk).caption == "another"


def test_there_is_none_of_what_is_not_there(ada):
    prepared = PreparedModels(lambda post: Post.objects.filter(pk=post), "post")
    assert prepared.first(post=1) is None
    assert prepared.all(post=1) == []


def test_what_is_selected_annotated_and_fetched_comes_along(ada, bo, django_assert_num_queries):
    def with_details(viewer):
        liked = Exists(Like.objects.filter(post=OuterRef("pk"), person=viewer))
        rows = Post.objects.select_related("author", "root").annotate(liked=liked, said=Count("comments"))
        return rows.prefetch_related("comments").order_by("-pk")

    first = cast.post(ada, caption="first")
    second = cast.post(bo, sources=[first])
    reactions.like(bo, first.pk)
    comment = commenting.say(bo, first.pk, text="here")
    prepared = PreparedModels(with_details, "viewer")
    prepared.all(viewer=ada.pk)
    for viewer, liked in ((bo, [False, True]), (ada, [False, False])):
        with django_assert_num_queries(2):
            found = prepared.all(viewer=viewer.pk)
            assert [post.author for post in found] == [bo, ada]
            assert [post.root for post in found] == [first, None]
            assert [list(post.comments.all()) for post in found] == [[], [comment]]
        known = list(with_details(viewer))
        assert [fields(post) for post in found] == [fields(post) for post in known]
        assert [fields(post.author) for post in found] == [fields(post.author) for post in known]
        assert [post.liked for post in found] == liked == [post.liked for post in known]
        assert [post.said for post in found] == [0, 1] == [post.said for post in known]
    assert [post.pk for post in found] == [second.pk, first.pk]


def test_only_some_columns_leave_the_others_to_be_asked_for(ada):
    post = cast.post(ada, caption="later")
    prepared = PreparedModels(lambda post: Post.objects.filter(pk=post).only("pk"), "post")
    found = prepared.first(post=post.pk)
    assert found.get_deferred_fields() >= {"caption", "author_id"}
    assert found.caption == "later"


ORDERS = {
    "top": ("-is_pinned", "-like_count", "-id"),
    "new": ("-seq",),
    "old": ("seq",),
    "twins": ("like_count", "id"),
}


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
@pytest.mark.parametrize("limit", [1, 2, 3, 7, 50])
def test_its_pages_are_those_of_the_orm(order, limit, ada, bo, settle):
    post = cast.post(ada)
    comments = [commenting.say(bo, post.pk, text=f"number {number}") for number in range(7)]
    for number in (2, 4, 5):
        Comment.objects.filter(pk=comments[number].pk).update(like_count=3)
    hosting.pin(ada, comments[1].pk)
    commenting.say(bo, cast.post(ada).pk, text="elsewhere")

    def said_under(post):
        return Comment.objects.filter(post=post).select_related("author")

    prepared = PreparedList(said_under, "post", order=order)
    cursor, met = "", []
    while cursor is not None:
        page = prepared.page(post=post.pk, purpose="said", cursor=cursor, limit=limit)
        known = keyset_page(said_under(post), purpose="said", cursor=cursor, limit=limit, order=order)
        assert [fields(row) for row in page.items] == [fields(row) for row in known.items]
        assert page.next == known.next
        met += page.items
        cursor = page.next
    assert sorted(row.pk for row in met) == [row.pk for row in comments]


def test_a_cursor_of_another_list_is_refused(ada):
    prepared = PreparedList(lambda person: User.objects.filter(pk=person), "person")
    page = PreparedList(lambda person: User.objects.exclude(pk=person), "person").page
    for name in ("bo", "cy"):
        cast.person(name)
    other = page(person=ada.pk, purpose="another", cursor="", limit=1).next
    for cursor in (other, "AAAA", "no cursor"):
        with pytest.raises(Invalid):
            prepared.page(person=ada.pk, purpose="people", cursor=cursor, limit=1)


def test_a_stand_in_that_is_asked_for_nothing_is_noticed(db):
    beyond_every_smallint = PreparedModels(lambda at: Post.objects.filter(cast_count__gt=at), "at")
    with pytest.raises(ValueError, match="at is not in the statement"):
        beyond_every_smallint.all(at=3)


def test_every_statement_of_the_service_holds_what_it_is_asked_with():
    importlib.import_module("sora_social.urls")
    importlib.import_module("sora_social.aftermath")
    modules = [name for name in sys.modules if name.split(".")[0] in {"sora_social", "cameos", "remix", "feeds"}]
    things = [thing for name in modules for thing in vars(sys.modules[name]).values()]
    things += [inner for thing in things if isinstance(thing, dict) for inner in thing.values()]
    found = [thing for thing in things if isinstance(thing, Prepared)]
    found += [part for thing in things if isinstance(thing, PreparedList) for part in (thing._first, thing._beyond)]
    assert len(found) > 50
    for prepared in found:
        assert prepared._compiled


def test_postgresql_keeps_the_plan_of_a_lookup_and_plans_a_list_anew(ada):
    lookup = PreparedModels(lambda person: User.objects.filter(pk=person), "person")
    listed = PreparedList(lambda person: User.objects.exclude(pk=person), "person")
    for _ in range(7):
        lookup.all(person=ada.pk)
        listed.page(person=ada.pk, purpose="people", cursor="", limit=3)
    kept = {sql for (sql,) in prepared_rows("SELECT statement FROM pg_prepared_statements", ())}
    assert sum(_as_kept(lookup) == sql for sql in kept) == 1
    assert _as_kept(listed._first) not in kept


def _as_kept(prepared):
    first, *others = prepared._compiled[0].split("%s")
    return "".join([first, *(f"${place}{text}" for place, text in enumerate(others, 1))])
