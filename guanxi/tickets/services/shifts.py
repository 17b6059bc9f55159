"""Who takes tickets now."""

from datetime import datetime

from guanxi.kernel.access import get_allowed
from guanxi.kernel.actor import Actor
from guanxi.kernel.db.transactions import atomic_retried
from guanxi.kernel.events import record
from guanxi.people.services.steps import save_columns
from guanxi.tickets.events import ShiftChanged
from guanxi.tickets.models import Agent


@atomic_retried
def change_shift(agent_id: int, *, actor: Actor, at: datetime) -> Agent:
    """Go on shift, or off: whoever is off is given nothing more, and keeps what they have."""
    rows = Agent.objects.filter(archived_at=None).select_for_update(of=("self",), no_key=True)
    agent = get_allowed(actor, "agents.shift", rows, seen_by="agents.view", pk=agent_id)
    save_columns(agent, at, is_on=not agent.is_on)
    record(ShiftChanged(agent.version, agent.is_on), subject=agent, actor=actor, at=at)
    return agent
