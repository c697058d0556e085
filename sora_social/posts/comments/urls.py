from django.urls import path

from sora_social.posts.comments import room_views, views

urlpatterns = [
    path("posts/<id:post_id>/comments", views.CommentsView.as_view()),
    path("posts/<id:post_id>/comments/held", room_views.HeldCommentsView.as_view()),
    path("posts/<id:post_id>/room", room_views.RoomView.as_view()),
    path("posts/<id:post_id>/restraints", room_views.RestraintsView.as_view()),
    path("posts/<id:post_id>/timeouts/<handle:handle>", room_views.TimeoutView.as_view()),
    path("posts/<id:post_id>/hidden/<handle:handle>", room_views.HiddenView.as_view()),
    path("comments/<id:comment_id>", views.CommentView.as_view()),
    path("comments/<id:comment_id>/like", views.CommentLikeView.as_view()),
    path("comments/<id:comment_id>/pin", room_views.PinView.as_view()),
    path("comments/<id:comment_id>/approval", room_views.ApprovalView.as_view()),
    path("comments/<id:comment_id>/replies", views.RepliesView.as_view()),
    path("live-tickets", views.LiveTicketView.as_view()),
]
