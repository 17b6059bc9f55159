"""Sessions in the database, as Django keeps them."""

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError

from guanxi.kernel.outages import outage_of


class SessionStore(db.SessionStore):
    """Says of a database that is away what any other write says of it (H09).

    Django takes every failed update for a session that was ended meanwhile.
    """

    def save(self, must_create: bool = False) -> None:
        """Write the session; UpdateError when it was ended meanwhile."""
        try:
            super().save(must_create)
        except UpdateError as error:
            if error.__context__ is not None and outage_of(error.__context__):
                raise error.__context__ from None
            raise
