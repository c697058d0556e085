from django.urls import path

from remix import views

urlpatterns = [
    path("posts/<id:post_id>/remixes", views.RemixesView.as_view()),
    path("posts/<id:post_id>/lineage", views.LineageView.as_view()),
    path("posts/<id:post_id>/tree", views.TreeView.as_view()),
]
