"""Django registration of the customers band."""

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    """Makes the customers app known to Django."""

    name = "guanxi.customers"
    label = "customers"
