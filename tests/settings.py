"""The product's own settings on scratch data; GUANXI_TEST_POSTGRES chooses PostgreSQL."""

import atexit
import os
import shutil
import tempfile

for name in [name for name in os.environ if name.startswith("GUANXI_")]:
    if not name.startswith(("GUANXI_TEST_", "GUANXI_REAL_", "GUANXI_WRITE_")):
        del os.environ[name]
os.environ.pop("PORT", None)

SCRATCH = tempfile.mkdtemp(prefix="guanxi-tests-")
atexit.register(shutil.rmtree, SCRATCH, ignore_errors=True)
os.environ["GUANXI_DATA"] = SCRATCH
os.environ["GUANXI_SECRET_KEY"] = "for the tests only, and long enough to be a secret"
if "GUANXI_TEST_POSTGRES" in os.environ:
    os.environ["GUANXI_DATABASE_URL"] = os.environ["GUANXI_TEST_POSTGRES"]

from guanxi.config.settings import *  # noqa: E402, F403

# Hashing slowly is the point of the product's hasher and the price of every test that signs in.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # noqa: F405
# Nothing is collected for a test: a page's scripts and styles come from where they lie.
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
# The tests of the limits set their own; no other test may run into one.
API_REQUESTS_PER_MINUTE = API_BURST = API_STRANGERS_PER_MINUTE = 10**9
