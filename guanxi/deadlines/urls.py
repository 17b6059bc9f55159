"""Addresses of this part; what is not here is the generic page of the record type."""

from django.urls import URLPattern, URLResolver, path

from guanxi.deadlines import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("clocks/due/", views.due, name="clocks-due"),
]
