from django.urls import path

from sora_social.studio import cameo_views as views

urlpatterns = [
    path("cameos/<id:cameo_id>/appearances", views.AppearancesView.as_view()),
    path("cameos/<id:cameo_id>/appearances/<id:appearance_id>", views.AppearanceView.as_view()),
    path("cast-requests", views.CastRequestsView.as_view()),
    path("cast-requests/<id:request_id>/approve", views.ApproveView.as_view()),
    path("cast-requests/<id:request_id>/decline", views.DeclineView.as_view()),
]
media_urlpatterns = [path("a/<id:appearance_id>/<str:grant>/<str:name>", views.appearance_media)]
