"""What posts are about: read once, when a post is published, from words that its readers can read too."""

from collections.abc import Iterator, Mapping, Sequence
from threading import Lock

from django.db import transaction

from feeds.models import PostTopic
from feeds.steering import vocabulary
from ranking.topics.classifier import KEPT_FROM, TOPICS_KEPT, Classifier
from ranking.topics.vocabulary import Vocabulary
from sora_social.posts.events import PostPublished
from sora_social.posts.models import Post, Visibility

INHERITED = 0.7  # of the confidence that a source is of a topic: a remix is mostly about the same thing
POSTS_AT_ONCE = 200

_training = Lock()
_trained: dict[str, Classifier] = {}


def classifier() -> Classifier:
    """This process's classifier for the vocabulary in force. The first one takes seconds to train."""
    return _trained_for(vocabulary.current())


def _trained_for(words: Vocabulary) -> Classifier:
    with _training:
        if words.version not in _trained:
            _trained.clear()  # one at a time: the last one's words are gone
            _trained[words.version] = Classifier(words)
        return _trained[words.version]


def classify(event: PostPublished) -> None:
    """Find what a new post is about. What was found before stays: a post is classified once."""
    if not PostTopic.objects.filter(post=event.post_id).exists():
        _classify(list(Post.objects.filter(pk=event.post_id)))


def classify_all(*, again: bool = False) -> Iterator[int]:
    """Classify posts that nothing is known of yet, or all of them `again`, as after a change of the vocabulary.

    The oldest first, so that a remix finds what its sources are about. Yields how many were looked at so far.
    """
    done, last = 0, 0
    while True:
        posts = list(Post.objects.filter(pk__gt=last).order_by("pk")[:POSTS_AT_ONCE])
        if not posts:
            return
        last = posts[-1].pk
        with transaction.atomic():
            ids = [post.pk for post in posts]
            if again:
                PostTopic.objects.filter(post__in=ids).delete()
            known = set(PostTopic.objects.filter(post__in=ids).values_list("post_id", flat=True))
            _classify([post for post in posts if post.pk not in known])
        done += len(posts)
        yield done


def words_of(post: Post) -> str:
    """The words by which a post may be classified: its caption with its tags, and its prompt where that is public.

    A private prompt is left out: what a post is found to be about can be seen from outside, and would tell of it.
    """
    prompt = post.prompt if post.has_open_prompt else ""
    return f"{post.caption}\n{prompt}"


def _classify(posts: Sequence[Post]) -> None:
    """Write the topics of these posts, oldest first."""
    if not posts:
        return
    reader = classifier()
    for post in posts:
        found = dict(reader.topics_of(words_of(post)))
        for topic, confidence in _inherited(post).items():
            found[topic] = max(found.get(topic, 0.0), confidence)
        surest = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))[:TOPICS_KEPT]
        PostTopic.objects.bulk_create(
            [PostTopic(post=post, topic=topic, confidence=confidence) for topic, confidence in surest],
            ignore_conflicts=True,
        )


def _inherited(post: Post) -> Mapping[int, float]:
    """What is known of the public posts that this one was made from, with less confidence."""
    sources = [int(source["post_id"]) for source in post.sources]
    if not sources:
        return {}
    public = Post.objects.filter(pk__in=sources, visibility=Visibility.PUBLIC, deleted_at=None, removed_at=None)
    found: dict[int, float] = {}
    for topic, confidence in PostTopic.objects.filter(post__in=public).values_list("topic", "confidence"):
        if confidence * INHERITED >= KEPT_FROM:
            found[topic] = max(found.get(topic, 0.0), confidence * INHERITED)
    return found
