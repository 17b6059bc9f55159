"""Keys that look-alikes share, and what colleagues ask about customers they may not see."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.customers.duplicates import choices as words
from guanxi.kernel.base import Record


class MatchKey(models.Model):
    """A mark that customers who look alike share: of a name, a number, a domain (CUS-12).

    `source_id` is the contact that it comes from, or 0 for the customer's own values.
    """

    pk = models.CompositePrimaryKey("value", "customer_id", "source_id")
    kind = models.CharField(max_length=1)
    value = models.BigIntegerField()
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.CASCADE, related_name="match_keys", db_index=False
    )
    source_id = models.BigIntegerField(default=0)

    class Meta:
        app_label = "customers"
        indexes = [models.Index(fields=["customer", "source_id"], name="match_key_source")]


class CooperationRequest(models.Model):
    """A colleague's request about a customer that they may not see (CUS-12).

    What the asker may read of it is written here, so that their page never reads the customer.
    """

    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="cooperation_requests"
    )
    asker = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="cooperation_requests"
    )
    masked_name = models.CharField(max_length=60)
    typed_name = models.CharField(max_length=120)
    message = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=8, default="open")
    asked_at = models.DateTimeField()
    answer = models.CharField(max_length=300, blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by_id = models.BigIntegerField(null=True)

    class Meta:
        app_label = "customers"
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "asker"],
                condition=models.Q(state="open"),
                name="cooperation_asked_once",
            )
        ]
        indexes = [models.Index(fields=["asker", "-asked_at"], name="cooperation_asker")]

    def __str__(self) -> str:
        return self.masked_name


class Merge(models.Model):
    """Two customers made one, with all that is needed to take it back (CUS-12, F09)."""

    survivor = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="merges"
    )
    loser = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+")
    loser_label = models.CharField(max_length=160)
    merged_at = models.DateTimeField()
    merged_by_id = models.BigIntegerField(null=True)
    merged_by_label = models.CharField(max_length=150)
    #: Both rows as they were, and what of the survivor became of it: column → value.
    survivor_before = models.JSONField(default=dict)
    survivor_after = models.JSONField(default=dict)
    loser_before = models.JSONField(default=dict)
    undone_at = models.DateTimeField(null=True)
    undone_by_id = models.BigIntegerField(null=True)
    #: The states that pairs of the queue had: id → state.
    pairs = models.JSONField(default=dict)
    #: What was changed since and therefore kept, as it was told to whoever took it back.
    kept = models.JSONField(default=list)

    class Meta:
        app_label = "customers"
        indexes = [models.Index(fields=["survivor", "-merged_at"], name="merge_survivor")]


class MergedRow(models.Model):
    """The ledger of a merge: a row that was moved to the survivor, and its version then."""

    merge = models.ForeignKey(Merge, on_delete=models.PROTECT, related_name="rows")
    model = models.CharField(max_length=60)
    column = models.CharField(max_length=60)
    row_id = models.CharField(max_length=40)
    row_version = models.IntegerField(null=True)

    class Meta:
        app_label = "customers"
        indexes = [models.Index(fields=["merge", "model"], name="merged_row_model")]


class DuplicatePair(Record):
    """Two customers that look like one, in the queue of those who decide (CUS-12)."""

    low = models.ForeignKey(
        "customers.Customer",
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("First customer"),
    )
    high = models.ForeignKey(
        "customers.Customer",
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("Second customer"),
    )
    likeness = models.PositiveSmallIntegerField(_("Likeness"))
    reason = models.CharField(_("Main reason"), max_length=10, choices=words.reason_choices)
    reasons = models.CharField(max_length=200, editable=False)
    state = models.CharField(
        _("State"), max_length=10, choices=words.PairState, default=words.PairState.OPEN
    )
    keep = models.CharField(_("Stays"), max_length=4, choices=words.Keep, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("Confirmed by"),
    )
    decided_at = models.DateTimeField(_("Decided"), null=True)
    #: What names and codes said when it was decided: a decision holds as long as they do.
    fingerprint = models.CharField(max_length=32, editable=False)

    class Meta:
        app_label = "customers"
        verbose_name = _("Duplicate pair")
        constraints = [models.UniqueConstraint(fields=["low", "high"], name="duplicate_pair_once")]
        indexes = [
            models.Index(fields=["state", "-likeness", "-id"], name="duplicate_pair_queue"),
            models.Index(fields=["-updated_at", "-id"], name="duplicate_pair_recent"),
            models.Index(fields=["high"], name="duplicate_pair_high"),
        ]

    def __str__(self) -> str:
        return f"{self.low} · {self.high}"
