from django.urls import path

from feeds import views
from feeds.discovery import views as discovery_views
from feeds.scroll import views as nudge_views
from feeds.steering import views as steering_views

urlpatterns = [
    path("feed", views.FeedView.as_view()),
    path("feed/ranking-card", views.RankingCardView.as_view()),
    path("tags/<tag:tag>", views.TagView.as_view()),
    path("posts/<id:post_id>/reach", discovery_views.ReachView.as_view()),
    path("challenges", discovery_views.ChallengesView.as_view()),
    path("challenges/<id:challenge_id>", discovery_views.ChallengeView.as_view()),
    path("challenges/<id:challenge_id>/posts", discovery_views.EntriesView.as_view()),
    path("challenges/<id:challenge_id>/leaderboards/<board:board>", discovery_views.ChallengeLeaderboardView.as_view()),
    path("leaderboards/<board:board>", discovery_views.LeaderboardView.as_view()),
    path("feed/reset", steering_views.FeedResetView.as_view()),
    path("steering", steering_views.SteeringView.as_view()),
    path("steering/signals", steering_views.SignalsView.as_view()),
    path("steering/<id:rule_id>", steering_views.SteeringRuleView.as_view()),
    path("interests", steering_views.InterestsView.as_view()),
    path("search", discovery_views.SearchView.as_view()),
    path("nudges/<id:nudge_id>/outcome", nudge_views.OutcomeView.as_view()),
    path("me/scrolling", nudge_views.ScrollingView.as_view()),
    path("check-ins", nudge_views.CheckInsView.as_view()),
    path("impressions", views.ImpressionsView.as_view()),
    path("posts/<id:post_id>/not-interested", views.NotInterestedView.as_view()),
    path("posts/<id:post_id>/why", views.WhyView.as_view()),
]
