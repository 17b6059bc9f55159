"""What each stage of a customer asks for, where a pack has said so."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.customers.choices import Stage


class StageNeeds(models.Model):
    """The fields that a customer's file must hold at a stage, in place of the code's own."""

    stage = models.CharField(_("Stage"), max_length=20, choices=Stage.choices, unique=True)
    needs = models.JSONField(default=list)

    class Meta:
        app_label = "customers"
        verbose_name = _("Required fields of a stage")

    def __str__(self) -> str:
        return str(self.get_stage_display())
