"""Addresses of this part; what is not here is the generic page of the record type."""

from django.urls import URLPattern, URLResolver, path

from guanxi.commitments import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("customers/<int:pk>/commitments/", views.add_to_customer, name="customer-commit"),
]
