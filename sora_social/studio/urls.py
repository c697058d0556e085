from django.urls import path

from sora_social.studio import views

urlpatterns = [
    path("generations", views.GenerationsView.as_view()),
    path("generations/<id:job_id>", views.GenerationView.as_view()),
    path("generations/<id:job_id>/cancel", views.CancelView.as_view()),
    path("generations/<id:job_id>/reroll", views.RerollView.as_view()),
    path("posts/<id:post_id>/remix", views.RemixView.as_view()),
    path("drafts", views.DraftsView.as_view()),
    path("drafts/invitations", views.InvitationsView.as_view()),
    path("drafts/<id:draft_id>", views.DraftView.as_view()),
    path("drafts/<id:draft_id>/co-creators", views.CoCreatorsView.as_view()),
    path("drafts/<id:draft_id>/co-creators/accept", views.AcceptInvitationView.as_view()),
    path("drafts/<id:draft_id>/co-creators/veto", views.VetoView.as_view()),
    path("drafts/<id:draft_id>/co-creators/<handle:handle>", views.CoCreatorView.as_view()),
    path("drafts/<id:draft_id>/publish", views.PublishView.as_view()),
]
media_urlpatterns = [path("d/<id:draft_id>/<str:grant>/<str:name>", views.draft_media)]
