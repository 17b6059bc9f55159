"""The words that complaints choose from (GB/T 19012, ISO 10002)."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """Where a complaint stands (CPL-7)."""

    REGISTERED = "registered", _("Registered")
    ACKNOWLEDGED = "acknowledged", _("Acknowledged")
    INVESTIGATING = "investigating", _("Investigating")
    DETERMINED = "determined", _("Responsibility proposed")
    LEGAL_REVIEW = "legal_review", _("Legal review")
    PROPOSED = "proposed", _("Solution proposed")
    APPROVED = "approved", _("Solution approved")
    EXECUTING = "executing", _("Executing")
    EXECUTED = "executed", _("Executed")
    VISITED = "visited", _("Follow-up visit")
    CLOSED = "closed", _("Complaint closed")
    WITHDRAWN = "withdrawn", _("Withdrawn by the customer")
    EXTERNAL = "external", _("With an outside body")


class Origin(models.TextChoices):
    """Who complains."""

    SELF = "self", _("The person concerned")
    PROXY = "proxy", _("Somebody on their behalf")
    ANONYMOUS = "anonymous", _("Anonymous")


class Channel(models.TextChoices):
    """How it came, and how one answers (CPL-1)."""

    PHONE = "phone", _("Phone")
    EMAIL = "email", _("E-mail")
    WEB_FORM = "web_form", _("Web form")
    WECHAT = "wechat", _("WeChat")
    SMS = "sms", _("SMS")
    LETTER = "letter", _("Letter")
    FACE = "face", _("Face to face")
    PLATFORM = "platform", _("Third-party platform")


#: What leaves something to read.
WRITTEN: Final = (
    *(Channel.EMAIL, Channel.WEB_FORM, Channel.WECHAT),
    *(Channel.SMS, Channel.LETTER, Channel.PLATFORM),
)


class Claim(models.TextChoices):
    """What the customer asks for (CPL-1)."""

    REFUND = "refund", _("Refund")
    EXCHANGE = "exchange", _("Exchange")
    COMPENSATION = "compensation", _("Compensation")
    IMPROVEMENT = "improvement", _("Improvement")
    REPAIR = "repair", _("Repair")
    APOLOGY = "apology", _("Apology")
    OTHER = "other", _("Other")


class Urgency(models.TextChoices):
    """How soon."""

    NORMAL = "normal", _("Normal")
    URGENT = "urgent", _("Urgent")


class Severity(models.TextChoices):
    """How bad."""

    MINOR = "minor", _("Minor")
    SERIOUS = "serious", _("Serious")
    CRITICAL = "critical", _("Critical")


class Extent(models.TextChoices):
    """How many are concerned."""

    SINGLE = "single", _("One customer")
    SEVERAL = "several", _("Several customers")
    WIDE = "wide", _("Many customers")


class Cause(models.TextChoices):
    """What it came from, once it was investigated (CPL-6)."""

    PRODUCT = "product", _("Product quality")
    SERVICE = "service", _("Service attitude")
    DELIVERY = "delivery", _("Delivery and logistics")
    TECHNICAL = "technical", _("Technical fault")
    PRICE = "price", _("Price and billing")
    PROCESS = "process", _("Process and response")
    PROMISE = "promise", _("Promise not kept")
    MISUSE = "misuse", _("Wrong use")
    OTHER = "other", _("Other")


class RemedyKind(models.TextChoices):
    """The remedies that a solution can consist of (CPL-3)."""

    APOLOGY = "apology", _("Apology")
    EXPLANATION = "explanation", _("Explanation")
    REPAIR = "repair", _("Repair")
    REPLACEMENT = "replacement", _("Replacement")
    REFUND = "refund", _("Refund")
    COMPENSATION = "compensation", _("Compensation")
    IMPROVEMENT = "improvement", _("Improvement")


class EntryKind(models.TextChoices):
    """What is written into the file of a complaint."""

    INTERVIEW = "interview", _("Interview")
    RECORDS = "records", _("Records looked through")
    SITE = "site", _("On-site check")
    EVIDENCE = "evidence", _("Evidence")
    TOLD = "told", _("Told the customer")
    HEARD = "heard", _("Heard from the customer")
    ATTEMPT = "attempt", _("Attempted visit")
    VISIT = "visit", _("Follow-up visit")


#: What an investigation consists of (CPL-2).
FINDINGS: Final = (EntryKind.INTERVIEW, EntryKind.RECORDS, EntryKind.SITE)


class Outcome(models.TextChoices):
    """What the customer says to the outcome."""

    ACCEPTED = "accepted", _("Accepted")
    REJECTED = "rejected", _("Not accepted")


class Satisfaction(models.TextChoices):
    """How the customer finds the handling (CPL-4)."""

    SATISFIED = "satisfied", _("Satisfied")
    FAIR = "fair", _("Fair")
    DISSATISFIED = "dissatisfied", _("Dissatisfied")


class Body(models.TextChoices):
    """Who else decides on complaints."""

    HOTLINE = "12315", _("12315 hotline")
    ASSOCIATION = "association", _("Consumers' association")
    ARBITRATION = "arbitration", _("Arbitration")
    COURT = "court", _("Court")
    REGULATOR = "regulator", _("Regulator")


class Wait(models.TextChoices):
    """For what a deadline is held."""

    CUSTOMER = "customer", _("Waiting for the customer")
    LATER = "later", _("The customer asked for a later visit")
