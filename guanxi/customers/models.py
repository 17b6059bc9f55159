"""Customers with everything that belongs to them: contacts, orders, payments, talk, files, tags."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from guanxi.customers import choices
from guanxi.kernel.base import Record
from guanxi.kernel.models import Event, StoredFile


class Tag(Record):
    """A demand or trait tag from the library (CUS-13)."""

    name = models.CharField(_("Name"), max_length=40, unique=True)
    group = models.CharField(
        _("Group"),
        max_length=10,
        choices=choices.TagGroup.choices,
        default=choices.TagGroup.DEMAND,
    )
    description = models.CharField(_("Description"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("Tag")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Customer(Record):
    """A company or person that we serve (CUS-1, CUS-3, CUS-4)."""

    number = models.CharField(_("Number"), max_length=20, unique=True, blank=True)
    # Null, not blank, where the value must be unique but may be missing.
    external_id = models.CharField(  # noqa: DJ001
        _("External id"), max_length=60, null=True, blank=True
    )
    kind = models.CharField(
        _("Kind"),
        max_length=10,
        choices=choices.CustomerKind.choices,
        default=choices.CustomerKind.COMPANY,
    )
    name = models.CharField(_("Customer name"), max_length=120)
    name_sort = models.CharField(max_length=200, editable=False, default="")
    short_name = models.CharField(_("Short name"), max_length=60, blank=True)
    credit_code = models.CharField(  # noqa: DJ001
        _("Unified social credit code"), max_length=18, null=True, blank=True
    )
    industry = models.CharField(_("Industry"), max_length=60, blank=True)
    headcount = models.PositiveIntegerField(_("Employees"), null=True, blank=True)
    revenue_minor = models.BigIntegerField(_("Annual revenue"), null=True, blank=True)
    founded_on = models.DateField(_("Founded on"), null=True, blank=True)
    registered_address = models.CharField(_("Registered address"), max_length=200, blank=True)
    province = models.CharField(_("Province"), max_length=30, blank=True)
    city = models.CharField(_("City"), max_length=30, blank=True)
    district = models.CharField(_("District"), max_length=30, blank=True, default="", db_default="")
    business_scope = models.TextField(_("Business scope"), blank=True)
    website = models.CharField(_("Website"), max_length=200, blank=True)
    phone = models.CharField(_("Phone"), max_length=40, blank=True)
    email = models.EmailField(_("E-mail"), blank=True)

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="customers",
        verbose_name=_("Owner"),
    )
    team = models.ForeignKey(
        "people.Team", on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("Team")
    )
    department = models.ForeignKey(
        "people.Department",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("Department"),
    )
    pool = models.ForeignKey(
        "customers.Pool",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="customers",
        verbose_name=_("Pool"),
        editable=False,
    )
    owned_since = models.DateTimeField(_("Owned since"), null=True, editable=False)
    recycle_on = models.DateField(_("To be recycled on"), null=True, editable=False)
    protected_until = models.DateTimeField(_("Protected until"), null=True, editable=False)
    locked_until = models.DateTimeField(_("Locked until"), null=True, editable=False)
    stage = models.CharField(
        _("Stage"),
        max_length=12,
        choices=choices.Stage.choices,
        default=choices.Stage.PROSPECT,
    )
    tier = models.CharField(
        _("Tier"), max_length=10, choices=choices.Tier.choices, default=choices.Tier.ORDINARY
    )

    first_cooperated_on = models.DateField(_("First cooperation"), null=True, blank=True)
    products = models.CharField(_("Products and services"), max_length=300, blank=True)
    needs = models.TextField(_("Needs and preferences"), blank=True)
    decision_chain = models.TextField(_("Decision chain"), blank=True)
    purchase_cycle = models.CharField(_("Purchase cycle"), max_length=60, blank=True)
    focus = models.CharField(_("Focus"), max_length=200, blank=True)
    technical_notes = models.TextField(_("Technical plan"), blank=True)
    preferred_channel = models.CharField(
        _("Preferred channel"), max_length=10, choices=choices.Channel.choices, blank=True
    )
    is_do_not_disturb = models.BooleanField(_("Do not disturb"), default=False)
    do_not_disturb_rule = models.CharField(_("Do-not-disturb rule"), max_length=200, blank=True)
    tags = models.ManyToManyField(Tag, blank=True, related_name="customers", verbose_name=_("Tags"))

    source = models.CharField(
        _("Source of information"), max_length=15, choices=choices.Source.choices, blank=True
    )
    lawful_basis = models.CharField(
        _("Lawful basis"), max_length=10, choices=choices.LawfulBasis.choices, blank=True
    )
    collected_at = models.DateTimeField(_("Collected at"), null=True, blank=True)
    filled_by = models.CharField(_("Filled in by"), max_length=60, blank=True)
    filled_on = models.DateField(_("Filled in on"), null=True, blank=True)
    reviewed_by = models.CharField(_("Reviewed by"), max_length=60, blank=True)
    reviewed_on = models.DateField(_("Reviewed on"), null=True, blank=True)
    notes = models.TextField(_("Notes"), blank=True)

    currency = models.CharField(_("Currency"), max_length=3, default="CNY")
    order_count = models.PositiveIntegerField(_("Orders"), default=0, editable=False)
    total_minor = models.BigIntegerField(_("Total amount"), default=0, editable=False)
    last_order_on = models.DateField(_("Last order"), null=True, editable=False)
    next_contact_at = models.DateTimeField(_("Next contact"), null=True, blank=True)
    last_contact_at = models.DateTimeField(_("Last contact"), null=True, editable=False)
    formerly = models.CharField(
        _("Former names and numbers"), max_length=500, blank=True, editable=False
    )
    # No index of its own: nearly every row has none, and SQLite would walk them all.
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="merged",
        db_index=False,
    )

    class Meta:
        verbose_name = _("Customer")
        constraints = [
            models.UniqueConstraint(fields=["external_id"], name="customer_external_once"),
            models.UniqueConstraint(fields=["credit_code"], name="customer_credit_code_once"),
            models.CheckConstraint(
                condition=models.Q(pool__isnull=True) | models.Q(owner__isnull=True),
                name="customer_in_pool_has_no_owner",
            ),
        ]
        indexes = [
            models.Index(
                fields=["merged_into"],
                name="customer_merged",
                condition=models.Q(merged_into__isnull=False),
            ),
            models.Index(fields=["owner", "-updated_at", "-id"], name="customer_owner_recent"),
            models.Index(fields=["department", "-updated_at", "-id"], name="customer_dept_recent"),
            models.Index(fields=["-updated_at", "-id"], name="customer_recent"),
            models.Index(fields=["-created_at", "-id"], name="customer_created"),
            models.Index(fields=["name_sort", "id"], name="customer_name_sort"),
            models.Index(fields=["tier", "-updated_at", "-id"], name="customer_tier_recent"),
            models.Index(fields=["next_contact_at", "id"], name="customer_next_contact"),
            models.Index(fields=["last_contact_at", "id"], name="customer_last_contact"),
            models.Index(fields=["total_minor", "id"], name="customer_total"),
            models.Index(fields=["last_order_on", "id"], name="customer_last_order"),
            models.Index(
                fields=["pool", "-updated_at", "-id"],
                name="customer_pool_recent",
                condition=models.Q(pool__isnull=False),
            ),
            models.Index(
                fields=["recycle_on", "id"],
                name="customer_recycle",
                condition=models.Q(recycle_on__isnull=False),
            ),
            models.Index(fields=["stage", "id"], name="customer_stage"),
            models.Index(fields=["tier", "id"], name="customer_tier"),
            models.Index(fields=["headcount", "id"], name="customer_headcount"),
            models.Index(fields=["industry"], name="customer_industry"),
            models.Index(fields=["province"], name="customer_province"),
            models.Index(fields=["city"], name="customer_city"),
            models.Index(fields=["source"], name="customer_source"),
            models.Index(fields=["order_count"], name="customer_order_count"),
        ]

    def __str__(self) -> str:
        return self.name


class Contact(Record):
    """A person at a customer, with the part they play in decisions (CUS-2)."""

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="contacts", verbose_name=_("Customer")
    )
    name = models.CharField(_("Full name"), max_length=60)
    position = models.CharField(_("Position"), max_length=60, blank=True)
    unit = models.CharField(_("Department at the customer"), max_length=60, blank=True)
    phone = models.CharField(_("Phone"), max_length=40, blank=True)
    other_phone = models.CharField(_("Other phone"), max_length=40, blank=True)
    email = models.EmailField(_("E-mail"), blank=True)
    wechat = models.CharField(_("WeChat"), max_length=60, blank=True)
    birthday = models.DateField(_("Birthday"), null=True, blank=True)
    decision_role = models.CharField(
        _("Role in the decision"), max_length=12, choices=choices.DecisionRole.choices, blank=True
    )
    attitude = models.CharField(
        _("Attitude"),
        max_length=10,
        choices=choices.Attitude.choices,
        default=choices.Attitude.UNKNOWN,
    )
    influence = models.PositiveSmallIntegerField(_("Influence (1–5)"), default=3)
    reports_to = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="reports",
        verbose_name=_("Reports to"),
    )
    is_primary = models.BooleanField(_("Main contact"), default=False)
    preferred_channel = models.CharField(
        _("Preferred channel"), max_length=10, choices=choices.Channel.choices, blank=True
    )
    is_do_not_disturb = models.BooleanField(_("Do not disturb"), default=False)
    do_not_disturb_rule = models.CharField(_("Do-not-disturb rule"), max_length=200, blank=True)
    style = models.CharField(_("Style preference"), max_length=200, blank=True)
    notes = models.TextField(_("Notes"), blank=True)

    class Meta:
        verbose_name = _("Contact")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(influence__gte=1, influence__lte=5), name="contact_influence_1_5"
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-updated_at", "-id"], name="contact_customer"),
            models.Index(fields=["-updated_at", "-id"], name="contact_recent"),
            models.Index(fields=["-created_at", "-id"], name="contact_created"),
            models.Index(fields=["name", "id"], name="contact_name"),
            models.Index(Lower("email"), name="contact_email"),
        ]

    def __str__(self) -> str:
        return self.name


class Order(Record):
    """A sale or a return (CUS-3); a negative amount is a return."""

    number = models.CharField(_("Order number"), max_length=60, unique=True, blank=True)
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="orders", verbose_name=_("Customer")
    )
    kind = models.CharField(
        _("Kind"),
        max_length=6,
        choices=choices.OrderKind.choices,
        default=choices.OrderKind.SALE,
        editable=False,
    )
    status = models.CharField(
        _("Status"),
        max_length=10,
        choices=choices.OrderStatus.choices,
        default=choices.OrderStatus.COMPLETED,
    )
    placed_at = models.DateTimeField(_("Placed at"))
    amount_minor = models.BigIntegerField(_("Amount"))
    currency = models.CharField(_("Currency"), max_length=3, default="CNY")
    product = models.CharField(_("Product or service"), max_length=200, blank=True)
    quantity = models.IntegerField(_("Quantity"), null=True, blank=True)
    notes = models.TextField(_("Notes"), blank=True)

    class Meta:
        verbose_name = _("Order")
        indexes = [
            models.Index(fields=["customer", "-placed_at", "-id"], name="order_customer"),
            models.Index(fields=["-placed_at", "-id"], name="order_recent"),
            models.Index(fields=["-updated_at", "-id"], name="order_updated"),
            models.Index(fields=["-created_at", "-id"], name="order_created"),
        ]

    def __str__(self) -> str:
        return self.number


class Payment(Record):
    """Money received from or returned to a customer (CUS-3)."""

    number = models.CharField(_("Payment number"), max_length=60, unique=True, blank=True)
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="payments", verbose_name=_("Customer")
    )
    order = models.ForeignKey(
        Order,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="payments",
        verbose_name=_("Order"),
    )
    paid_on = models.DateField(_("Paid on"))
    amount_minor = models.BigIntegerField(_("Amount"))
    currency = models.CharField(_("Currency"), max_length=3, default="CNY")
    method = models.CharField(
        _("Method"),
        max_length=10,
        choices=choices.PaymentMethod.choices,
        default=choices.PaymentMethod.TRANSFER,
    )
    notes = models.TextField(_("Notes"), blank=True)

    class Meta:
        verbose_name = _("Payment")
        indexes = [
            models.Index(fields=["customer", "-paid_on", "-id"], name="payment_customer"),
            models.Index(fields=["-paid_on", "-id"], name="payment_recent"),
            models.Index(fields=["-updated_at", "-id"], name="payment_updated"),
            models.Index(fields=["-created_at", "-id"], name="payment_created"),
        ]

    def __str__(self) -> str:
        return self.number


class Interaction(Record):
    """One talk with a customer, whatever the channel (COM-1)."""

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="interactions", verbose_name=_("Customer")
    )
    contact = models.ForeignKey(
        Contact,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="interactions",
        verbose_name=_("Contact"),
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="interactions",
        verbose_name=_("Logged by"),
        editable=False,
    )
    channel = models.CharField(
        _("Channel"),
        max_length=10,
        choices=choices.Channel.choices,
        default=choices.Channel.PHONE,
    )
    direction = models.CharField(
        _("Direction"),
        max_length=3,
        choices=choices.Direction.choices,
        default=choices.Direction.OUT,
    )
    occurred_at = models.DateTimeField(_("Time"), blank=True)
    content = models.TextField(_("Content"))
    next_contact_at = models.DateTimeField(_("Next contact"), null=True, blank=True)

    class Meta:
        verbose_name = _("Communication")
        indexes = [
            models.Index(fields=["customer", "-occurred_at", "-id"], name="interaction_customer"),
            models.Index(fields=["-occurred_at", "-id"], name="interaction_recent"),
            models.Index(fields=["-updated_at", "-id"], name="interaction_updated"),
            models.Index(fields=["-created_at", "-id"], name="interaction_created"),
        ]

    def __str__(self) -> str:
        return self.content[:60]


class Attachment(Record):
    """A file about a customer, filed by customer, year and kind (CUS-10)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="attachments", verbose_name=_("Customer")
    )
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, editable=False)
    title = models.CharField(_("Title"), max_length=200, blank=True)
    kind = models.CharField(
        _("Kind"),
        max_length=10,
        choices=choices.AttachmentKind.choices,
        default=choices.AttachmentKind.OTHER,
    )
    year = models.PositiveSmallIntegerField(_("Year"))
    paper_location = models.CharField(_("Paper location"), max_length=120, blank=True)
    is_binned = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = _("Attachment")
        indexes = [models.Index(fields=["customer", "-year", "kind"], name="attachment_filed")]

    def __str__(self) -> str:
        return self.title


class TimelinePin(models.Model):
    """An event that stays on top of a customer's timeline."""

    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="pins")
    event = models.ForeignKey(Event, on_delete=models.PROTECT)
    pinned_by_id = models.BigIntegerField(null=True)
    pinned_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer", "event"], name="timeline_pin_once"),
        ]


# Parts of this domain with a folder of their own; here, so that Django knows them.
from guanxi.customers.changes.models import ChangeRequest, KeyField  # noqa: E402
from guanxi.customers.duplicates.models import (  # noqa: E402
    CooperationRequest,
    DuplicatePair,
    MatchKey,
    Merge,
    MergedRow,
)
from guanxi.customers.needs.models import StageNeeds  # noqa: E402
from guanxi.customers.pools.models import (  # noqa: E402
    HandedOver,
    HandOver,
    Pool,
    PoolQuota,
    PoolRule,
    PoolStay,
    PoolView,
    ReleaseBatch,
)
from guanxi.customers.sampling.models import EntryCheck, SamplingRule  # noqa: E402

__all__ = [
    "Attachment",
    "ChangeRequest",
    "Contact",
    "CooperationRequest",
    "Customer",
    "DuplicatePair",
    "EntryCheck",
    "HandOver",
    "HandedOver",
    "Interaction",
    "KeyField",
    "MatchKey",
    "Merge",
    "MergedRow",
    "Order",
    "Payment",
    "Pool",
    "PoolQuota",
    "PoolRule",
    "PoolStay",
    "PoolView",
    "ReleaseBatch",
    "SamplingRule",
    "StageNeeds",
    "Tag",
    "TimelinePin",
]
