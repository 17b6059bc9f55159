"""The worker's part in the trail: nobody can switch it off."""

from datetime import datetime, timedelta

from guanxi.kernel.audit.anchors import write_anchor
from guanxi.kernel.audit.archive import write_archive
from guanxi.kernel.audit.services import seal_due
from guanxi.kernel.chores import chore


@chore("seal", every=timedelta(minutes=1))
def seal_trail(at: datetime) -> int:
    """Seal what was written, then write the anchor."""
    done = seal_due(at=at)
    write_anchor(at=at)
    return done


@chore("archive", every=timedelta(days=1))
def archive_trail(at: datetime) -> None:
    """Write what is older than the time that is kept into a signed file."""
    write_archive(at=at)
