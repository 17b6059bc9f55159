"""Which static files are collected, and how they are named and compressed."""

from django.contrib.staticfiles.apps import StaticFilesConfig
from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFilesApp(StaticFilesConfig):
    """Collects what our pages use; the API's library brings files for pages we do not have."""

    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "rest_framework"]


class StaticFiles(CompressedManifestStaticFilesStorage):
    """Names by content, in the imports between our scripts too: no browser mixes two versions."""

    support_js_module_import_aggregation = True
