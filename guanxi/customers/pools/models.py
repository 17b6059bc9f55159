"""Pools, their rules, and what happened to customers in them; part of the app `customers`."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.customers.pools.choices import BatchState, HandOverState, Measure, Split
from guanxi.kernel.base import Record


class Pool(Record):
    """A place for customers without an owner, from which people claim (公海, CUS-14).

    Who may see it is said by shares of the pool, who may claim from it by shares for writing.
    """

    name = models.CharField(_("Name"), max_length=40, unique=True)
    description = models.CharField(_("Description"), max_length=200, blank=True)
    cap = models.PositiveIntegerField(
        _("Customers per person at most"), null=True, blank=True, default=200
    )
    tier_caps = models.JSONField(_("At most per tier"), default=dict, blank=True)
    daily_claims = models.PositiveIntegerField(_("Claims a day"), null=True, blank=True, default=10)
    daily_views = models.PositiveIntegerField(
        _("Customers opened a day"), null=True, blank=True, default=50
    )
    cooldown_days = models.PositiveSmallIntegerField(
        _("Days before the previous owner may claim again"), default=30
    )
    protection_days = models.PositiveSmallIntegerField(
        _("Days of protection after a claim"), default=30
    )

    class Meta:
        app_label = "customers"
        verbose_name = _("Pool")

    def __str__(self) -> str:
        return self.name


class PoolRule(Record):
    """When customers go to a pool by themselves; one without a condition matches nobody."""

    name = models.CharField(_("Name"), max_length=60)
    pool = models.ForeignKey(
        Pool, on_delete=models.PROTECT, related_name="rules", verbose_name=_("Pool")
    )
    audience = models.CharField(_("Which customers (a shared view)"), max_length=36, blank=True)
    condition = models.JSONField(_("Condition"), default=dict, blank=True)
    measure = models.CharField(
        _("What counts"), max_length=12, choices=Measure.choices, default=Measure.NO_CONTACT
    )
    days = models.PositiveSmallIntegerField(_("Days"), default=30)
    date_field = models.CharField(_("Which date"), max_length=60, blank=True)
    warn_days = models.PositiveSmallIntegerField(_("Days of warning before"), default=3)
    is_on = models.BooleanField(_("In force"), default=False)

    class Meta:
        app_label = "customers"
        verbose_name = _("Pool rule")

    def __str__(self) -> str:
        return self.name


class ReleaseBatch(Record):
    """What the rules released in one night; it can be taken back as a whole."""

    night = models.DateField(_("Night"), unique=True, editable=False)
    state = models.CharField(
        _("State"),
        max_length=8,
        choices=BatchState.choices,
        default=BatchState.RUNNING,
        editable=False,
    )
    released = models.PositiveIntegerField(_("Released"), default=0, editable=False)
    warned = models.PositiveIntegerField(_("Warned"), default=0, editable=False)
    returned = models.PositiveIntegerField(_("Taken back"), default=0, editable=False)

    class Meta:
        app_label = "customers"
        verbose_name = _("Release")

    def __str__(self) -> str:
        return str(self.night)


class PoolStay(models.Model):
    """One stay of a customer in a pool: from whom, why, until whom."""

    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="stays"
    )
    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="stays")
    batch = models.ForeignKey(
        ReleaseBatch, on_delete=models.PROTECT, null=True, related_name="stays"
    )
    rule = models.ForeignKey(PoolRule, on_delete=models.PROTECT, null=True, related_name="+")
    from_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    from_team_id = models.BigIntegerField(null=True)
    from_department_id = models.BigIntegerField(null=True)
    entered_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    to_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        app_label = "customers"
        constraints = [
            models.UniqueConstraint(
                fields=["customer"],
                name="pool_stay_once_at_a_time",
                condition=models.Q(ended_at__isnull=True),
            )
        ]
        indexes = [
            models.Index(fields=["customer", "-id"], name="pool_stay_customer"),
            models.Index(fields=["batch", "id"], name="pool_stay_batch"),
        ]


class PoolQuota(models.Model):
    """What a person took from pools on one day; each is taken by one conditional update."""

    user_id = models.BigIntegerField()
    day = models.DateField()
    claims = models.PositiveIntegerField(default=0)
    views = models.PositiveIntegerField(default=0)

    class Meta:
        app_label = "customers"
        constraints = [models.UniqueConstraint(fields=["user_id", "day"], name="pool_quota_once")]


class PoolView(models.Model):
    """A person opened a pool's customer on a day: the same customer counts once."""

    user_id = models.BigIntegerField()
    day = models.DateField()
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+")

    class Meta:
        app_label = "customers"
        constraints = [
            models.UniqueConstraint(fields=["user_id", "day", "customer"], name="pool_view_once")
        ]


class HandOver(Record):
    """A leaver's whole book, given to one or several colleagues (交接)."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("Whose book"),
    )
    receivers = models.ManyToManyField(
        settings.AUTH_USER_MODEL, related_name="+", verbose_name=_("Receivers")
    )
    split = models.CharField(
        _("Division"), max_length=10, choices=Split.choices, default=Split.TURNS
    )
    reason = models.CharField(_("Reason"), max_length=200)
    state = models.CharField(
        _("State"),
        max_length=8,
        choices=HandOverState.choices,
        default=HandOverState.DRAFT,
        editable=False,
    )
    moved = models.PositiveIntegerField(_("Handed over"), default=0, editable=False)
    returned = models.PositiveIntegerField(_("Taken back"), default=0, editable=False)

    class Meta:
        app_label = "customers"
        verbose_name = _("Hand-over")

    def __str__(self) -> str:
        return self.reason


class HandedOver(models.Model):
    """One record that a hand-over moved, as it was before and as it was left."""

    hand_over = models.ForeignKey(HandOver, on_delete=models.PROTECT, related_name="items")
    record_key = models.CharField(max_length=60)
    object_id = models.BigIntegerField()
    to_user_id = models.BigIntegerField()
    from_team_id = models.BigIntegerField(null=True)
    from_department_id = models.BigIntegerField(null=True)
    version_after = models.PositiveIntegerField()
    returned_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "customers"
        constraints = [
            models.UniqueConstraint(
                fields=["hand_over", "record_key", "object_id"], name="handed_over_once"
            )
        ]
