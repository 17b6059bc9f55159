"""Which packs were applied, and what they wrote."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Pack(models.Model):
    """A pack that was applied here, and the state of its files at that time."""

    name = models.CharField(_("Name"), max_length=60, unique=True)
    digest = models.CharField(max_length=64)
    applied_at = models.DateTimeField()
    applied_by = models.CharField(max_length=150)

    class Meta:
        verbose_name = _("Standard pack")

    def __str__(self) -> str:
        return self.name


class PackObject(models.Model):
    """What a pack wrote last into one object: who differs from it was edited here."""

    pack = models.ForeignKey(Pack, models.CASCADE, related_name="objects_written")
    section = models.CharField(max_length=60)
    name = models.CharField(max_length=120)
    values = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pack", "section", "name"], name="pack_object_once"),
        ]

    def __str__(self) -> str:
        return f"{self.section}/{self.name}"
