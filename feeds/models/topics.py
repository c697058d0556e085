"""What posts are about: the operator's vocabulary, and what each post was found to be of."""

from django.db import models
from django.db.models import Q

from ranking.topics.vocabulary import TOPICS_AT_MOST
from sora_social.posts.models import Post


class Topic(models.Model):
    """A topic of the vocabulary, in the words of this service's operator.

    `bit` is its place in a post's set of topics and belongs to it for good, also when it is no longer in use. `version`
    grows with every change. How words are written is said at `ranking.topics.vocabulary.Topic`.
    """

    id = models.BigAutoField(primary_key=True)
    bit = models.PositiveSmallIntegerField(unique=True)
    code = models.SlugField(max_length=40, unique=True, db_index=False)
    name_en = models.CharField("English name", max_length=60)
    name_zh = models.CharField("Chinese name", max_length=60)
    words_en = models.TextField("English words", blank=True)
    words_zh = models.TextField("Chinese words", blank=True)
    part_of = models.CharField(max_length=40, blank=True)
    is_sensitive = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(bit__lt=TOPICS_AT_MOST), name="topic_is_a_bit"),
            models.CheckConstraint(condition=Q(code__regex=r"^[a-z][a-z0-9_]*$"), name="topic_code_is_well_formed"),
        ]

    def __str__(self) -> str:
        return self.code


class PostTopic(models.Model):
    """A post was found to be of a topic, with this confidence (0 … 1). Written once, when the post is published."""

    id = models.BigAutoField(primary_key=True)
    post = models.ForeignKey(Post, models.CASCADE, related_name="+", db_index=False)
    topic = models.PositiveSmallIntegerField()
    confidence = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "topic"], name="topic_of_post_once")]
        indexes = [models.Index(fields=["topic", "-post"], name="posts_of_topic")]

    def __str__(self) -> str:
        return f"{self.post_id} is of {self.topic}"
