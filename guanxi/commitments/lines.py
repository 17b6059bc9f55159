"""A commitment as one line: on the desk, beside a customer, in the calendar."""

from dataclasses import dataclass

from django.utils.safestring import SafeString

from guanxi.commitments.queries import Waiting
from guanxi.surfaces.html.formats import Formatter


@dataclass(frozen=True)
class Line:
    """What the template of a line shows."""

    pk: int
    url: str
    title: str
    is_promise: bool
    is_untold: bool
    due: SafeString
    who: str
    customer: str
    customer_url: str
    step_url: str
    may_be_done_at_once: bool
    back: str


def line(waiting: Waiting, formatter: Formatter, back: str = "/") -> Line:
    """One line; of a promise the next step asks how the customer was told."""
    actor = formatter.actor
    url = f"/commitments/{waiting.pk}/"
    step = "tell" if waiting.is_untold else "complete"
    may = actor.can(f"commitments.{step}")
    has_customer = waiting.customer_id and actor.can("customers.view")
    return Line(
        pk=waiting.pk,
        url=url,
        title=waiting.title,
        is_promise=waiting.is_promise,
        is_untold=waiting.is_untold,
        due=formatter.due(waiting.due_at),
        who="" if waiting.owner_id == actor.user_id else waiting.owner__name,
        customer=waiting.customer__name or "",
        customer_url=f"/customers/{waiting.customer_id}/" if has_customer else "",
        step_url=f"{url}{step}/" if may else "",
        may_be_done_at_once=not waiting.is_promise,
        back=back,
    )
