"""Every address of the product."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("guanxi.people.urls")),
    path("api/v1/", include("guanxi.surfaces.api.urls")),
    path("", include("guanxi.tickets.urls")),
    path("", include("guanxi.commitments.urls")),
    path("", include("guanxi.complaints.urls")),
    path("", include("guanxi.customers.urls")),
    path("", include("guanxi.segments.urls")),
    path("", include("guanxi.packs.urls")),
    path("", include("guanxi.notifications.urls")),
    path("", include("guanxi.deadlines.urls")),
    path("", include("guanxi.surfaces.html.urls")),
]

handler400 = "guanxi.surfaces.html.errors.bad_request"
handler403 = "guanxi.surfaces.html.errors.denied"
handler404 = "guanxi.surfaces.html.errors.not_found"
handler500 = "guanxi.surfaces.html.errors.broken"
