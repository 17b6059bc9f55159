"""What somebody wants changed in a customer's key values (CUS-7)."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.customers.changes.choices import ChangeState
from guanxi.customers.choices import Tier
from guanxi.kernel.base import Record


class KeyField(Record):
    """A value of customers that counts as key: whoever may not change it asks for the change."""

    field = models.CharField(_("Field"), max_length=40, unique=True)
    is_by_request = models.BooleanField(_("Changes by request"), default=True)

    class Meta:
        app_label = "customers"
        verbose_name = _("Key field")

    def __str__(self) -> str:
        return self.field


class ChangeRequest(Record):
    """The values that a customer should get (信息变更申请); what is not asked for stays empty."""

    customer = models.ForeignKey(
        "customers.Customer",
        on_delete=models.PROTECT,
        related_name="change_requests",
        verbose_name=_("Customer"),
    )
    requester = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("Asked by"),
    )
    #: The customer's version that the requester read.
    base_version = models.PositiveIntegerField(editable=False)
    name = models.CharField(_("Customer name"), max_length=120, blank=True)
    credit_code = models.CharField(_("Unified social credit code"), max_length=18, blank=True)
    tier = models.CharField(_("Tier"), max_length=10, choices=Tier.choices, blank=True)
    industry = models.CharField(_("Industry"), max_length=60, blank=True)
    registered_address = models.CharField(_("Registered address"), max_length=200, blank=True)
    evidence = models.ForeignKey(
        "customers.Attachment",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Evidence"),
    )
    reason = models.CharField(_("Reason"), max_length=300)
    state = models.CharField(
        _("State"), max_length=10, choices=ChangeState.choices, default=ChangeState.OPEN
    )
    asked = models.JSONField(default=list, editable=False)
    stale = models.JSONField(_("Not applied"), default=list, editable=False)
    decided_at = models.DateTimeField(_("Decided"), null=True, editable=False)

    class Meta:
        app_label = "customers"
        verbose_name = _("Change request")
        indexes = [
            models.Index(fields=["customer", "-id"], name="change_customer"),
            models.Index(fields=["-updated_at", "-id"], name="change_recent"),
        ]

    def __str__(self) -> str:
        return self.customer.name
