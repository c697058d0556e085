from django.urls import path

from cameos import ledger_views as views

urlpatterns = [
    path("release-terms/<slug:version>", views.ReleaseTermsView.as_view()),
    path("consent-keys", views.ConsentKeysView.as_view()),
    path("consent-records/<id:record_id>/receipt", views.ReceiptView.as_view()),
    path("cameos/<id:cameo_id>/ledger", views.LedgerView.as_view()),
    path("cameos/<id:cameo_id>/evidence", views.EvidenceView.as_view()),
]
