from django.urls import path

from sora_social.accounts import views

urlpatterns = [
    path("me", views.MeView.as_view()),
    path("me/blocks", views.BlockedView.as_view()),
    path("people/<handle:handle>", views.PersonView.as_view()),
    path("people/<handle:handle>/follow", views.FollowView.as_view()),
    path("people/<handle:handle>/block", views.BlockView.as_view()),
    path("people/<handle:handle>/mute", views.MuteView.as_view()),
    path("people/<handle:handle>/followers", views.FollowersView.as_view()),
    path("people/<handle:handle>/following", views.FollowingView.as_view()),
    path("invites", views.InvitesView.as_view()),
    path("waitlist", views.WaitlistView.as_view()),
]
