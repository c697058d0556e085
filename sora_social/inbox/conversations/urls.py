from django.urls import path

from sora_social.inbox.conversations import views

urlpatterns = [
    path("conversations", views.ConversationsView.as_view()),
    path("conversations/<id:conversation_id>", views.ConversationView.as_view()),
    path("conversations/<id:conversation_id>/messages", views.MessagesView.as_view()),
    path("conversations/<id:conversation_id>/read", views.ReadMarkView.as_view()),
    path("conversations/<id:conversation_id>/accept", views.AcceptView.as_view()),
    path("conversations/<id:conversation_id>/decline", views.DeclineView.as_view()),
    path("conversations/<id:conversation_id>/members/<handle:handle>", views.MemberView.as_view()),
    path("messages/<id:message_id>", views.MessageView.as_view()),
]
