"""What the services of notifications refuse, in words."""

from typing import Final

from django.utils.translation import gettext_lazy as _

NOT_A_CHOICE: Final = _("Choose one of the offered ways.")
URGENT_IS_SHOWN: Final = _("What is urgent is shown at the bell in any case.")
