from django.urls import path

from sora_social.posts.comments import views

urlpatterns = [
    path("posts/<id:post_id>/comments", views.CommentsView.as_view()),
    path("comments/<id:comment_id>", views.CommentView.as_view()),
    path("comments/<id:comment_id>/like", views.CommentLikeView.as_view()),
    path("comments/<id:comment_id>/replies", views.RepliesView.as_view()),
    path("live-tickets", views.LiveTicketView.as_view()),
]
