"""Addresses of this part; what is not here is the generic page of a record type."""

from django.urls import URLPattern, path

from guanxi.segments import views

urlpatterns: list[URLPattern] = [
    path("rfm/", views.show_rfm, name="rfm"),
    path("insight/", views.show_insight, name="insight"),
]
