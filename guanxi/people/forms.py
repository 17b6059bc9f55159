"""Forms of signing in and of one's own account: they read input, the services decide."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import LoginForm as AllauthLoginForm
from allauth.account.forms import ReauthenticateForm as AllauthReauthenticateForm
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as AllauthCodeAgainForm
from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.errors import RuleViolation, TooMany
from guanxi.people import rules, services
from guanxi.people.choices import Locale, PasswordProfile, Theme
from guanxi.people.models import User
from guanxi.surfaces.records import record_types


class HouseLook:
    """Gives the widgets of a form the classes of the house and says which are wrong."""

    fields: dict[str, forms.Field]

    def dress(self) -> None:
        """Set the classes; called when the fields are complete."""
        for field in self.fields.values():
            is_choice = isinstance(field.widget, forms.Select)
            field.widget.attrs.setdefault("class", "form-select" if is_choice else "form-control")


class HouseForm(HouseLook, forms.Form):
    """A form in the house look."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.dress()


class PasswordField(forms.CharField):
    """A password, never shown again and never longer than hashing should see (E12)."""

    def __init__(self, label: Any, autocomplete: str = "current-password", **kwargs: Any) -> None:
        widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
        super().__init__(
            label=label, strip=False, max_length=rules.LONGEST_PASSWORD, widget=widget, **kwargs
        )


class LoginForm(HouseLook, AllauthLoginForm):  # type: ignore[misc]
    """User name and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"] = PasswordField(_("Password"))
        self.fields["login"] = forms.CharField(
            label=_("User name"),
            max_length=rules.LONGEST_USERNAME,
            widget=forms.TextInput(
                attrs={"autocomplete": "username", "autofocus": True, "autocapitalize": "none"}
            ),
        )
        self.order_fields(["login", "password"])
        self.dress()


class ReauthenticateForm(HouseLook, AllauthReauthenticateForm):  # type: ignore[misc]
    """The password once more."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"] = PasswordField(_("Password"))
        self.dress()


class _CodeMixin(forms.Form):
    """A code of the authenticator app, or a recovery code; used up by the service."""

    user: User

    code = forms.CharField(
        label=_("Verification code"),
        max_length=32,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "autofocus": True,
                "class": "form-control",
            }
        ),
    )

    def clean_code(self) -> str:
        """Use the code up; a used, wrong or guessed one is refused."""
        code: str = self.cleaned_data["code"]
        try:
            self.authenticator = services.use_code(self.user, code, at=timezone.now())
        except RuleViolation as error:
            raise forms.ValidationError(error.text, code=error.code) from error
        except TooMany as error:
            message = gettext("Too many wrong codes. Try again in %(minutes)s minutes.")
            minutes = -(-error.retry_after // 60)
            raise forms.ValidationError(message % {"minutes": minutes}, code="too_many") from error
        self.authenticator.user = self.user
        return code


class CodeForm(_CodeMixin, AuthenticateForm):  # type: ignore[misc]
    """The second step of signing in."""


class CodeAgainForm(_CodeMixin, AllauthCodeAgainForm):  # type: ignore[misc]
    """The code once more, before something sensitive."""


class ResetRequestForm(HouseForm):
    """Who asks for a link to choose a new password."""

    identifier = forms.CharField(
        label=_("User name or e-mail"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True}),
    )


class NewPasswordForm(HouseForm):
    """A new password, typed twice."""

    password = PasswordField(_("New password"), "new-password")
    again = PasswordField(_("New password once more"), "new-password")

    def clean(self) -> dict[str, Any]:
        """Refuse two different passwords."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("password") and cleaned.get("password") != cleaned.get("again"):
            self.add_error("again", _("The two passwords differ."))
        return cleaned


class OwnPasswordForm(NewPasswordForm):
    """The present password and a new one."""

    old = PasswordField(_("Present password"))
    field_order = ("old", "password", "again")


class ProfileForm(HouseForm):
    """How one is reached and how one reads."""

    email = forms.CharField(label=_("E-mail"), required=False, max_length=254)
    phone = forms.CharField(label=_("Phone"), required=False, max_length=40)


class PreferencesForm(HouseForm):
    """Language, time zone and appearance."""

    locale = forms.ChoiceField(label=_("Language"), choices=Locale.choices)
    time_zone = forms.CharField(label=_("Time zone"), max_length=64)
    theme = forms.ChoiceField(label=_("Appearance"), choices=Theme.choices)


class CodeEntryForm(HouseForm):
    """A first code of the app, to turn the second factor on."""

    code = forms.CharField(
        label=_("Verification code"),
        max_length=16,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class TokenForm(HouseForm):
    """A new API token: name, scope, lifetime."""

    name = forms.CharField(label=_("Name"), max_length=80)
    scope = forms.ChoiceField(
        label=_("Allowed to"),
        choices=(
            ("read", _("read everything that I see")),
            ("write", _("read and change everything that I may change")),
            ("chosen", _("only what I choose below")),
        ),
        initial="read",
    )
    days = forms.IntegerField(label=_("Valid for days"), min_value=1, max_value=366, initial=90)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.areas = [
            {"name": f"scope:{kind.plural}", "area": kind.plural, "label": kind.label_plural}
            for kind in record_types()
        ]

    def scopes(self) -> dict[str, str]:
        """Return the scopes as the token keeps them."""
        scope: str = self.cleaned_data["scope"]
        if scope != "chosen":
            return {"*": scope}
        chosen = {area["area"]: self.data.get(str(area["name"]), "") for area in self.areas}
        return {str(area): str(value) for area, value in chosen.items() if value}


class OrganisationForm(HouseForm):
    """The company's names and its password rules."""

    name = forms.CharField(label=_("Company name"), max_length=120)
    short_names = forms.CharField(
        label=_("Short names, separated by commas"),
        max_length=300,
        required=False,
        help_text=_("No password may hold one of these names."),
    )
    password_profile = forms.ChoiceField(label=_("Password rules"), choices=PasswordProfile.choices)
