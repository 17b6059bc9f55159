"""Addresses of what one is told."""

from django.urls import URLPattern, path

from guanxi.notifications import views

urlpatterns: list[URLPattern] = [
    path("notifications/", views.show_notifications, name="notifications"),
    path("notifications/read/", views.read_all, name="notifications-read"),
    path("me/notifications/", views.wishes, name="notification-wishes"),
    path("notifications/<uuid:pk>/read/", views.read, name="notification-read"),
]
