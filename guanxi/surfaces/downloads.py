"""Hands stored files out, alike from pages and API: to be kept, never run."""

from django.http import FileResponse

from guanxi.kernel import files as store
from guanxi.kernel.models import StoredFile


def hand_out(stored: StoredFile) -> FileResponse:
    """A stored file as an answer."""
    response = FileResponse(store.open_stored(stored.pk))
    for name, value in store.file_headers(stored.name, stored.mime).items():
        response[name] = value
    response["Content-Length"] = str(stored.size)
    return response
