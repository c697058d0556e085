from django.urls import path

from sora_social.credits import views

urlpatterns = [path("me/limits", views.LimitsView.as_view())]
