"""The fixed choices of customers, contacts, orders, payments, talk and attachments."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class CustomerKind(TextChoices):
    """Whether the customer is a company or a person."""

    COMPANY = "company", _("Company")
    PERSON = "person", _("Person")


class Stage(TextChoices):
    """Where the relationship stands (SEG-5): said by people, then by the monthly lifecycle run."""

    PROSPECT = "prospect", _("Prospect")
    ACQUISITION = "acquisition", _("Acquisition")
    GROWTH = "growth", _("Growth")
    MATURE = "mature", _("Mature")
    AT_RISK = "at_risk", _("At risk")
    CHURNED = "churned", _("Churned")
    WON_BACK = "won_back", _("Won back")


class Tier(TextChoices):
    """Value tier (SEG-2), best first; a company uses three to five of them."""

    CORE = "core", _("Core")
    MAJOR = "major", _("Major")
    POTENTIAL = "potential", _("Potential")
    ORDINARY = "ordinary", _("Ordinary")
    LOW = "low", _("Low value")


class Source(TextChoices):
    """Where the information came from (CUS-4)."""

    REFERRAL = "referral", _("Referral")
    EXHIBITION = "exhibition", _("Exhibition")
    WEBSITE = "website", _("Website")
    PHONE = "phone", _("Phone enquiry")
    VISIT = "visit", _("Visit")
    ADVERTISEMENT = "advertisement", _("Advertisement")
    PARTNER = "partner", _("Partner")
    IMPORT = "import", _("Imported")
    OTHER = "other", _("Other")


class LawfulBasis(TextChoices):
    """Why personal information may be kept (PIPL art. 13)."""

    CONSENT = "consent", _("Consent")
    CONTRACT = "contract", _("Contract")
    LEGAL_DUTY = "legal_duty", _("Legal duty")
    PUBLIC = "public", _("Lawfully public")


class Channel(TextChoices):
    """The ways of talking with a customer (COM-1)."""

    PHONE = "phone", _("Phone")
    WECHAT = "wechat", _("WeChat")
    WECOM = "wecom", _("WeCom")
    EMAIL = "email", _("E-mail")
    SMS = "sms", _("SMS")
    WEB_CHAT = "web_chat", _("Web chat")
    WEB_FORM = "web_form", _("Web form")
    SOCIAL = "social", _("Social media")
    FACE = "face", _("Face to face")


class Direction(TextChoices):
    """Who began the talk."""

    OUT = "out", _("We contacted")
    IN = "in", _("Customer contacted")


class DecisionRole(TextChoices):
    """A contact's role in the decision chain (CUS-2)."""

    DECIDER = "decider", _("Decision maker")
    INFLUENCER = "influencer", _("Influencer")
    BUYER = "buyer", _("Buyer")
    USER = "user", _("End user")
    GATEKEEPER = "gatekeeper", _("Gatekeeper")
    CHAMPION = "champion", _("Champion")


class Attitude(TextChoices):
    """How a contact stands towards us."""

    SUPPORTER = "supporter", _("Supporter")
    NEUTRAL = "neutral", _("Neutral")
    OPPONENT = "opponent", _("Opponent")
    UNKNOWN = "unknown", _("Unknown")


class OrderKind(TextChoices):
    """A sale or goods that came back."""

    SALE = "sale", _("Sale")
    RETURN = "return", _("Return")


class OrderStatus(TextChoices):
    """How far an order has come."""

    PLACED = "placed", _("Placed")
    DELIVERED = "delivered", _("Delivered")
    COMPLETED = "completed", _("Completed")
    CANCELLED = "cancelled", _("Cancelled")


class PaymentMethod(TextChoices):
    """How a payment was made."""

    TRANSFER = "transfer", _("Bank transfer")
    ALIPAY = "alipay", _("Alipay")
    WECHAT = "wechat", _("WeChat Pay")
    CHEQUE = "cheque", _("Cheque")
    CASH = "cash", _("Cash")
    OTHER = "other", _("Other")


class AttachmentKind(TextChoices):
    """What an attachment is (CUS-10); technical and finance files need that field level."""

    CONTRACT = "contract", _("Contract")
    VISIT = "visit", _("Visit record")
    LETTER = "letter", _("Letter")
    MAIL = "mail", _("Mail")
    TECHNICAL = "technical", _("Technical plan")
    FINANCE = "finance", _("Finance")
    OTHER = "other", _("Other")


class TagGroup(TextChoices):
    """What a tag speaks of (CUS-13)."""

    DEMAND = "demand", _("Demand")
    TRAIT = "trait", _("Trait")
    SERVICE = "service", _("Service")
    OTHER = "other", _("Other")
