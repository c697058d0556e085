"""Where requests enter. Each room lists its own paths; everything for clients is under `/v1`."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerView

from cameos import urls as own_cameo_urls
from remix import urls as remix_urls
from sora_social.client_config import ConfigView
from sora_social.core import health, paths  # noqa: F401 - paths registers the converters
from sora_social.moderation import urls as moderation_urls
from sora_social.moderation.desk import desk
from sora_social.posts import urls as post_urls
from sora_social.studio import cameo_urls
from sora_social.studio import urls as studio_urls

handler400 = "sora_social.core.problems.bad_request"
handler403 = "sora_social.core.problems.forbidden"
handler404 = "sora_social.core.problems.page_not_found"
handler500 = "sora_social.core.problems.server_error"

v1: list[URLPattern | URLResolver] = [
    path("openapi.json", SpectacularJSONAPIView.as_view(authentication_classes=[], permission_classes=[])),
    path(
        "docs", SpectacularSwaggerView.as_view(url="/v1/openapi.json", authentication_classes=[], permission_classes=[])
    ),
    path("config", ConfigView.as_view()),
    path("", include("feeds.urls")),  # the busiest paths come first
    path("", include("sora_social.accounts.urls")),
    path("", include("sora_social.credits.urls")),
    path("", include(own_cameo_urls)),
    path("", include("cameos.ledger_urls")),
    path("", include("sora_social.posts.urls")),
    path("", include("sora_social.posts.comments.urls")),
    path("", include(remix_urls)),
    path("", include("sora_social.studio.urls")),
    path("", include("sora_social.studio.templates.urls")),
    path("", include("sora_social.studio.cameo_urls")),
    path("", include("sora_social.inbox.urls")),
    path("", include("sora_social.inbox.conversations.urls")),
    path("", include(moderation_urls)),
]

urlpatterns = [
    path("", RedirectView.as_view(url="/v1/docs")),
    path("v1/", include(v1)),
    path("_allauth/", include("allauth.headless.urls")),
    path("admin/", desk.urls),
    path("staff/", include(moderation_urls.staff_urlpatterns)),
    path("media/", include(post_urls.media_urlpatterns)),
    path("media/", include(studio_urls.media_urlpatterns)),
    path("media/", include(own_cameo_urls.media_urlpatterns)),
    path("media/", include(cameo_urls.media_urlpatterns)),
    path("", include(remix_urls.share_urlpatterns)),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
]
