"""Addresses of this part; what is not here is the generic page of the record type."""

from django.urls import URLPattern, URLResolver, path

from guanxi.tickets import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("tickets/<int:pk>/", views.show, name="ticket"),
    path("tickets/<int:pk>/messages/", views.messages, name="ticket-messages"),
    path("tickets/<int:pk>/talk/", views.talk, name="ticket-talk"),
    path("tickets/<int:pk>/files/<int:file_id>/", views.download, name="ticket-file"),
]
