from django.urls import path

from sora_social.credits import views

urlpatterns = [
    path("me/limits", views.LimitsView.as_view()),
    path("credits", views.CreditsView.as_view()),
    path("credits/entries", views.EntriesView.as_view()),
]
