"""Addresses of this part; what is not here is the generic page of the record type."""

from django.urls import URLPattern, URLResolver, path

from guanxi.complaints import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("complaints/<int:pk>/evidence/", views.add_evidence, name="complaint-evidence"),
    path(
        "complaints/<int:pk>/evidence/<int:entry_id>/",
        views.open_evidence,
        name="complaint-open-evidence",
    ),
    path(
        "complaints/<int:pk>/report/", views.show_paper, {"name": "report"}, name="complaint-report"
    ),
    path(
        "complaints/<int:pk>/letter/", views.show_paper, {"name": "letter"}, name="complaint-letter"
    ),
    path("complaints/<int:pk>/invite/", views.invite, name="complaint-invite"),
    path("complaints/answer/<str:token>/", views.rate, name="complaint-answer"),
    path("complaints/statistics/", views.show_statistics, name="complaint-statistics"),
]
