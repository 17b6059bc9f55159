"""What every administered record carries."""

from collections.abc import Sequence
from functools import cache

from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.db.custom_values import CustomValues


class Record(models.Model):
    """Version for the optimistic lock, who and when, archive mark, custom field values."""

    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("Created"), editable=False)
    updated_at = models.DateTimeField(_("Updated"), editable=False)
    archived_at = models.DateTimeField(_("Archived"), null=True, editable=False)
    created_by_id = models.BigIntegerField(null=True, editable=False)
    custom = CustomValues(default=dict, blank=True, editable=False)

    class Meta:
        abstract = True

    def get_constraints(self) -> list[tuple[type[models.Model], Sequence[models.BaseConstraint]]]:
        """The constraints that can be looked at before a write.

        Services look up references in the actor's scope and leave them out of the model's own
        checks, so what constrains a reference is the database's to see.
        """
        return _foreseeable(type(self))


@cache
def _foreseeable(
    model: type[models.Model],
) -> list[tuple[type[models.Model], Sequence[models.BaseConstraint]]]:
    references = {f.name for f in model._meta.concrete_fields if f.is_relation}
    kept = [
        each
        for each in model._meta.constraints
        if not isinstance(each, models.CheckConstraint)
        or not isinstance(each.condition, models.Q)
        or references.isdisjoint(each.condition.referenced_base_fields)
    ]
    return [(model, kept)] if kept else []
