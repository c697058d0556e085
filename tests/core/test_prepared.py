"""What a prepared statement finds is what the ORM finds."""

from sora_social.core.prepared import PreparedModels
from sora_social.posts import posting
from sora_social.posts.models import Post
from tests import cast


def fields(post):
    return {field.attname: getattr(post, field.attname) for field in Post._meta.concrete_fields}


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
