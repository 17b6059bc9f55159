"""The generated reference is what the declarations say."""

from django.core.management import call_command


def test_reference_is_up_to_date() -> None:
    call_command("reference", "--check")
