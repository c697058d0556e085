from django.urls import path

from sora_social.posts import views

urlpatterns = [
    path("me/saves", views.SavedView.as_view()),
    path("people/<handle:handle>/posts", views.PersonPostsView.as_view()),
    path("people/<handle:handle>/appearances", views.PersonAppearancesView.as_view()),
    path("posts/<id:post_id>", views.PostView.as_view()),
    path("posts/<id:post_id>/manifest", views.ManifestView.as_view()),
    path("manifest-certificates", views.ManifestCertificatesView.as_view()),
    path("posts/<id:post_id>/undo", views.UndoView.as_view()),
    path("posts/<id:post_id>/co-creators/me", views.OwnCreditView.as_view()),
    path("posts/<id:post_id>/like", views.LikeView.as_view()),
    path("posts/<id:post_id>/save", views.SaveView.as_view()),
]

media_urlpatterns = [path("p/<id:post_id>/<str:grant>/<str:name>", views.post_media)]
