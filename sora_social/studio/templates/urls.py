from django.urls import path

from sora_social.studio.templates import views

urlpatterns = [
    path("templates", views.TemplatesView.as_view()),
    path("templates/<id:template_id>", views.TemplateView.as_view()),
    path("templates/<id:template_id>/use", views.UseView.as_view()),
]
