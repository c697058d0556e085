"""HTTP: everything under `/v1`, the media route, and the admin."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sora_social.settings")

application = get_wsgi_application()
