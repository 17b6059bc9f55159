"""Numbers that identify: a company's credit code, telephone numbers, and their masked forms."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

import phonenumbers
from django.utils.translation import gettext
from phonenumbers import PhoneNumberFormat, PhoneNumberType
from stdnum.cn import uscc

from guanxi.kernel.errors import RuleViolation

_CODE_LENGTH: Final = 18
_CODE_LETTERS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_REGION_DIGITS: Final = range(2, 8)

_SCIENTIFIC = re.compile(r"[+-]?\d+(\.\d+)?[eE]\+?\d+")
_EXTENSION = re.compile(
    r"^(?P<number>.*?\d)[\s,;，；(]*(?:转接?|分机号?|内线|ext(?:ension)?|x|#|,)[.:：\s]*(?P<digits>\d{1,6})\)?$",
    re.IGNORECASE,
)
_LANDLINE_DASH = re.compile(r"^(?P<number>\(?0\d{2,3}\)?[\s-]*\d{7,8})\s*-\s*(?P<digits>\d{1,6})$")
_CALLABLE = re.compile(r"[\d\s()+./\-–—]+")
_MOBILE = re.compile(r"(?:\+?86|0086)?[\s-]*(1[3-9]\d)[\s-]*(\d{4})[\s-]*(\d{4})")
_SERVICE_NUMBER = re.compile(r"95\d{3,6}|96\d{3,6}|100\d{2}|12\d{3}|11\d|12\d")
_TOLL_FREE = re.compile(r"(?:\+?86)?([48]00\d{7})")


class IdentifierError(ValueError):
    """A number that cannot be right; says why, and where when it is one character."""

    def __init__(self, code: str, message: str, position: int | None = None) -> None:
        super().__init__(message)
        self.code, self.position = code, position

    def as_violation(self, field: str | None = None) -> RuleViolation:
        """The same refusal as every surface shows it, at a field."""
        return RuleViolation(self.code, str(self), field)


def check_credit_code(code: str) -> str:
    """The unified social credit code in its one form, or why it is wrong (CUS-1, GB 32100)."""
    plain = re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", code)).upper()
    is_whole = len(plain) == _CODE_LENGTH and plain.isalnum()  # 0E0000010000000003 is a code
    if _SCIENTIFIC.fullmatch(plain) and not is_whole:
        raise IdentifierError("scientific", _scientific_text(plain))
    if len(plain) != _CODE_LENGTH:
        raise IdentifierError(
            "credit_code_length",
            gettext("A unified social credit code has 18 characters; this one has %(length)s.")
            % {"length": len(plain)},
        )
    for position, character in enumerate(plain):
        if character not in _CODE_LETTERS or (
            position in _REGION_DIGITS and not character.isdigit()
        ):
            raise IdentifierError(
                "credit_code_character",
                gettext(
                    "Character %(position)s of the unified social credit code, “%(character)s”, "
                    "cannot stand there; check the business licence."
                )
                % {"position": position + 1, "character": character},
                position + 1,
            )
    if plain[-1] != uscc.calc_check_digit(plain):
        raise IdentifierError(
            "credit_code_check",
            gettext(
                "Character 18 of the unified social credit code does not match the others; "
                "check the business licence."
            ),
            _CODE_LENGTH,
        )
    return plain


def complete_credit_code(body: str) -> str:
    """The whole code that begins with these 17 characters, for codes that are invented."""
    return body + str(uscc.calc_check_digit(body))


@dataclass(frozen=True, slots=True)
class Phone:
    """A telephone number in its one form, and as people write it."""

    e164: str
    national_display: str
    digits: str
    extension: str
    kind: str

    @property
    def stored(self) -> str:
        """The form that is stored and compared: E.164, with the extension after an x."""
        return f"{self.e164}x{self.extension}" if self.extension else self.e164

    @property
    def display(self) -> str:
        """The number as a reader of this country writes it, extension included."""
        if not self.extension:
            return self.national_display
        return f"{self.national_display} {gettext('ext.')} {self.extension}"


def normalise_phone(text: str, region: str = "CN") -> Phone:
    """Read a mobile, landline with extension, 400/800 or foreign number; refuse what is none."""
    plain = unicodedata.normalize("NFKC", text).strip(" \t\u3000;,")
    if _SCIENTIFIC.fullmatch(plain):
        raise IdentifierError("scientific", _scientific_text(plain))
    mobile = _MOBILE.fullmatch(plain)
    if mobile and region == "CN":
        return _chinese_mobile(mobile)
    number, extension = _split_extension(plain)
    if not _CALLABLE.fullmatch(number):
        raise IdentifierError("phone_characters", gettext("This is not a telephone number."))
    if region == "CN":
        special = _service_number(re.sub(r"[^\d+]", "", number), extension)
        if special:
            return special
    return _parsed(number, extension, region)


def shown_phone(stored: str) -> str:
    """A stored number as a reader of this country writes it; any other text as it is."""
    try:
        return normalise_phone(stored).display
    except IdentifierError:
        return stored


def written_phone(stored: str) -> str:
    """A stored Chinese number as people here write it into a form; any other text as it is."""
    if not stored.startswith("+86"):
        return stored
    try:
        display = normalise_phone(stored).display
        return display if normalise_phone(display).stored == stored else stored
    except IdentifierError:
        return stored


def _scientific_text(plain: str) -> str:
    return gettext(
        "The spreadsheet has shortened this number to %(value)s and its digits are lost; "
        "format the column as text and enter it again."
    ) % {"value": plain}


def _chinese_mobile(found: re.Match[str]) -> Phone:
    digits = "".join(found.groups())
    return Phone(f"+86{digits}", " ".join(found.groups()), digits, "", "mobile")


def _split_extension(plain: str) -> tuple[str, str]:
    found = _EXTENSION.match(plain) or _LANDLINE_DASH.match(plain)
    return (found["number"], found["digits"]) if found else (plain, "")


def _service_number(digits: str, extension: str) -> Phone | None:
    """Numbers that are dialled as they are: 95588, 10086, 400-… and 800-…."""
    if _SERVICE_NUMBER.fullmatch(digits):
        return Phone(f"+86{digits}", digits, digits, extension, "service")
    toll_free = _TOLL_FREE.fullmatch(digits)
    if not toll_free:
        return None
    number = toll_free[1]
    kind = "shared_cost" if number.startswith("4") else "toll_free"
    return Phone(
        f"+86{number}", f"{number[:3]}-{number[3:6]}-{number[6:]}", number, extension, kind
    )


def _parsed(number: str, extension: str, region: str) -> Phone:
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException as error:
        raise _phone_refusal(re.sub(r"\D", "", number), region) from error
    if not phonenumbers.is_valid_number(parsed):
        raise _phone_refusal(re.sub(r"\D", "", number), region)
    shown = (
        PhoneNumberFormat.NATIONAL
        if parsed.country_code == phonenumbers.country_code_for_region(region)
        else PhoneNumberFormat.INTERNATIONAL
    )
    display = phonenumbers.format_number(parsed, shown)
    if region == "CN" and shown == PhoneNumberFormat.NATIONAL:
        display = display.replace(" ", "-", 1).replace(" ", "")
    return Phone(
        phonenumbers.format_number(parsed, PhoneNumberFormat.E164),
        display,
        re.sub(r"\D", "", display),
        extension,
        _kind(phonenumbers.number_type(parsed)),
    )


def _kind(number_type: int) -> str:
    if number_type in {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}:
        return "mobile"
    return "landline" if number_type == PhoneNumberType.FIXED_LINE else "other"


def _phone_refusal(digits: str, region: str) -> IdentifierError:
    """Say what is wrong with a number as exactly as its digits allow."""
    if len(digits) < 3:
        return IdentifierError("phone_characters", gettext("This is not a telephone number."))
    if region == "CN" and digits.startswith("1") and not digits.startswith("10"):
        message = gettext("A mobile number has 11 digits; this one has %(count)s.")
        if len(digits) == 11:
            message = gettext("No mobile number begins with %(head)s.")
        return IdentifierError("phone_length", message % {"count": len(digits), "head": digits[:3]})
    if region == "CN" and len(digits) in {7, 8}:
        return IdentifierError(
            "phone_area",
            gettext("The area code is missing, for example 010-%(digits)s.") % {"digits": digits},
        )
    return IdentifierError(
        "phone_length",
        gettext("No telephone number has these %(count)s digits.") % {"count": len(digits)},
    )


_HIDDEN: Final = "****"
# Area and number of a Chinese landline: 10 and 2x have two digits, the other areas three.
_LANDLINE: Final = re.compile("(10|2[0-9]|[3-9][1-9][0-9])[0-9]{7,8}")


def mask_phone(value: object) -> str:
    """138****1234, 0571-****1234; of other numbers no more than the ends."""
    text = str(value).split("x", maxsplit=1)[0]
    digits = re.sub(r"\D", "", text.removeprefix("+86"))
    if len(digits) < 7:
        return _HIDDEN
    if text.startswith("+86") and (landline := _LANDLINE.fullmatch(digits)):
        return f"0{landline[1]}-{_HIDDEN}{digits[-4:]}"
    head = digits[:3] if len(digits) >= 11 else digits[:2]
    if text.startswith("+") and not text.startswith("+86"):
        head = "+" + digits[:2]
    return f"{head}{_HIDDEN}{digits[-4:] if len(digits) >= 10 else digits[-2:]}"


def mask_email(value: object) -> str:
    """z****@example.com."""
    name, at, domain = str(value).rpartition("@")
    return f"{name[:1]}{_HIDDEN}{at}{domain}" if name and at else _HIDDEN


def mask_text(value: object) -> str:
    """Says only that something is there."""
    return _HIDDEN if str(value).strip() else ""
