"""The Celery application: Redis carries hints, PostgreSQL owns every job.

A message may be lost, doubled or late without harm: each task claims its work from a row, and `beat` sweeps rows
that nobody works on. Two queues, one per kind of work: `quick` (milliseconds) and `render` (seconds).
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sora_social.settings")

app = Celery("sora_social")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(related_name="tasks")
