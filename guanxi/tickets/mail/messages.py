"""What the services of mail refuse, in words."""

from django.utils.translation import gettext_lazy as _

NOT_ENCIPHERED = _(
    "Only a server that the operator named may be read without TLS (GUANXI_OUTBOUND_HOSTS)."
)
NOT_FAILED = _("Only a reply that could not be delivered is sent again.")
NOT_ASCII = _("Write this in letters, digits and signs of ASCII.")
