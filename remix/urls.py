from django.urls import path

from remix import share_views, views

urlpatterns = [
    path("posts/<id:post_id>/remixes", views.RemixesView.as_view()),
    path("posts/<id:post_id>/siblings", views.SiblingsView.as_view()),
    path("posts/<id:post_id>/lineage", views.LineageView.as_view()),
    path("posts/<id:post_id>/path", views.PathView.as_view()),
    path("posts/<id:post_id>/tree", views.TreeView.as_view()),
    path("posts/<id:post_id>/leaves", views.LeavesView.as_view()),
    path("posts/<id:post_id>/derivations", views.DerivationsView.as_view()),
    path("posts/<id:post_id>/derivations/<id:child_id>", views.DerivationView.as_view()),
    path("posts/<id:post_id>/lineage.json", views.LineageJsonView.as_view()),
    path("posts/<id:post_id>/lineage.graphml", views.LineageGraphmlView.as_view()),
    path("posts/<id:post_id>/lineage.svg", views.LineageSvgView.as_view()),
    path("posts/<id:post_id>/share", views.ShareView.as_view()),
]

# outside /v1: what the link of a post opens for somebody without an account
share_urlpatterns = [
    path("p/<id:post_id>", share_views.share_page),
    path("oembed", share_views.oembed),
]
