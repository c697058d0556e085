from django.urls import path

from sora_social.inbox.notifications import views

urlpatterns = [
    path("notifications", views.NotificationsView.as_view()),
    path("notifications/read", views.ReadView.as_view()),
    path("notifications/choices", views.ChoicesView.as_view()),
    path("notifications/devices", views.DevicesView.as_view()),
    path("notifications/devices/<id:device_id>", views.DeviceView.as_view()),
]
