"""Addresses of this part; what is not here is the generic page of the record type."""

from django.urls import URLPattern, URLResolver, path

from guanxi.commitments import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("calendar/", views.show_calendar, name="calendar"),
    path("calendar/feed/", views.show_feed, name="calendar-feed"),
    path("calendar/feed/revoke/", views.revoke_feed, name="calendar-feed-revoke"),
    path("calendar/feed/<str:token>.ics", views.read_feed, name="calendar-feed-read"),
    path("customers/<int:pk>/commitments/", views.add_to_customer, name="customer-commit"),
]
