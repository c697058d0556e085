from django.urls import path

from cameos import views

urlpatterns = [
    path("cameos", views.CameosView.as_view()),
    path("cameos/<id:cameo_id>", views.CameoView.as_view()),
    path("cameos/<id:cameo_id>/release", views.ReleaseView.as_view()),
    path("cameos/<id:cameo_id>/recording", views.RecordingView.as_view()),
    path("cameos/<id:cameo_id>/grants", views.GrantsView.as_view()),
    path("cameos/<id:cameo_id>/grants/<handle:handle>", views.GrantView.as_view()),
    path("cameos/<id:cameo_id>/revoke", views.RevokeView.as_view()),
    path("cameos/<id:cameo_id>/renew", views.RenewView.as_view()),
    path("me/hide-my-face", views.HideMyFaceView.as_view()),
    path("characters", views.CharactersView.as_view()),
    path("memorials", views.MemorialsView.as_view()),
]
media_urlpatterns = [path("c/<id:cameo_id>/<str:grant>/<str:name>", views.cameo_media)]
