from django.urls import path

from remix import views

urlpatterns = [
    path("posts/<id:post_id>/remixes", views.RemixesView.as_view()),
    path("posts/<id:post_id>/siblings", views.SiblingsView.as_view()),
    path("posts/<id:post_id>/lineage", views.LineageView.as_view()),
    path("posts/<id:post_id>/path", views.PathView.as_view()),
    path("posts/<id:post_id>/tree", views.TreeView.as_view()),
    path("posts/<id:post_id>/leaves", views.LeavesView.as_view()),
    path("posts/<id:post_id>/derivations", views.DerivationsView.as_view()),
    path("posts/<id:post_id>/derivations/<id:child_id>", views.DerivationView.as_view()),
]
