"""Every post that is visible is presented, whatever the cache does meanwhile."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from sora_social.posts import posting, presenting
from sora_social.posts.models import Post
from tests import cast


@pytest.fixture
def cache(monkeypatch):
    kept = {}
    monkeypatch.setattr(presenting, "_fragments", kept)
    monkeypatch.setattr(presenting, "_CACHED_AT_MOST", 4)
    return kept


def test_a_page_with_more_posts_than_are_kept_is_whole(cache, ada, bo):
    ids = [cast.post(ada).pk for _ in range(6)]
    presenting.present(bo, ids[:3])
    assert set(presenting.present(bo, ids)) == set(ids)
    assert len(cache) == 4


def test_a_post_edited_while_it_is_presented_is_shown_as_it_is_now(cache, ada, bo, monkeypatch):
    post = cast.post(ada, caption="before")
    render = presenting._render

    def edited_meanwhile(post_ids):
        posting.edit_post(ada, post.pk, caption="after")
        return render(post_ids)

    monkeypatch.setattr(presenting, "_render", edited_meanwhile)
    assert b'"after"' in presenting.present_one(bo, post.pk)


def test_threads_evict_without_tripping_over_each_other(cache):
    class Part:
        pass

    def evict(number):
        for step in range(2_000):
            presenting._keep((number, step, 0), Part())

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(evict, range(4)))
    assert len(cache) == 4


def test_a_post_of_whose_cast_nothing_is_known_is_shown_to_nobody(ada, bo):
    post = cast.post(ada, cast_count=1)
    for viewer in (ada, bo):
        assert not presenting.present(viewer, [post.pk])
        assert not presenting.present(viewer, [post.pk], listed=True)
        assert post.pk not in presenting.known_among(viewer, [post.pk])
    assert not Post.objects.standing().filter(pk=post.pk).exists()
