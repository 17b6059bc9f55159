"""Addresses that take a file as multipart/form-data."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request

from guanxi.kernel import files as store
from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.files import AcceptedFile
from guanxi.surfaces.api.base import ApiView
from guanxi.surfaces.api.errors import TooLarge

_AROUND_A_FILE = 1 << 20


class TakesFile(ApiView):
    """A POST with a file in the part `file`; a body that cannot be one we take is not read."""

    parser_classes = (MultiPartParser,)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse by the declared length, before anything is read."""
        super().initial(request, *args, **kwargs)
        declared = request.META.get("CONTENT_LENGTH") or "0"
        limit = settings.UPLOAD_MAX_BYTES + _AROUND_A_FILE
        if declared.isdigit() and int(declared) > limit:
            raise TooLarge(settings.UPLOAD_MAX_BYTES)

    def accepted(self, **options: Any) -> AcceptedFile:
        """The file that was sent, through the one gate."""
        upload = self.request.FILES.get("file")
        if upload is None:
            raise RuleViolation("required", _("Choose a file."), "file")
        name = upload.name or ""
        return store.accept_upload(upload, name, max_bytes=settings.UPLOAD_MAX_BYTES, **options)
