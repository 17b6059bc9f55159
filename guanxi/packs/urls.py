"""Addresses of the packs."""

from django.urls import URLPattern, path

from guanxi.packs import views

urlpatterns: list[URLPattern] = [
    path("packs/", views.show_pack, name="packs"),
    path("packs/apply/", views.apply_pack, name="packs-apply"),
]
