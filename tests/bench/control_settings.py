"""The product's settings, with the pages of the control beside its own paths."""

from sora_social.settings import *  # noqa: F403

ROOT_URLCONF = "tests.bench.control"
