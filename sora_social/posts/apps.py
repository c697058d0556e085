from django.apps import AppConfig


class PostsConfig(AppConfig):
    name = "sora_social.posts"
    label = "posts"
