"""Where a request comes from, and who may say so (E01, E10)."""

import pytest
from django.test import RequestFactory

from guanxi.people.client_ip import behind_proxies, client_ip

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("peer", "forwarded", "proxies", "expected"),
    [
        ("203.0.113.9", "1.2.3.4", [], "203.0.113.9"),
        ("203.0.113.9", "1.2.3.4", ["10.0.0.0/8"], "203.0.113.9"),
        ("10.0.0.1", "1.2.3.4", ["10.0.0.0/8"], "1.2.3.4"),
        ("10.0.0.1", "9.9.9.9, 1.2.3.4", ["10.0.0.0/8"], "1.2.3.4"),
        ("10.0.0.1", "1.2.3.4, 10.0.0.2", ["10.0.0.0/8"], "1.2.3.4"),
        ("10.0.0.1", "evil", ["10.0.0.0/8"], "10.0.0.1"),
        ("10.0.0.1", "", ["10.0.0.0/8"], "10.0.0.1"),
        ("::1", "2001:db8::7", ["::1"], "2001:db8::7"),
    ],
)
def test_the_chain_is_believed_only_as_far_as_it_is_trusted(peer, forwarded, proxies, expected):
    assert behind_proxies(peer, forwarded, proxies) == expected


def test_a_rotating_header_of_a_stranger_changes_nothing(settings):
    settings.TRUSTED_PROXIES = []
    for forwarded in ("1.1.1.1", "2.2.2.2", "x, y"):
        request = RequestFactory().get(
            "/", REMOTE_ADDR="203.0.113.9", HTTP_X_FORWARDED_FOR=forwarded
        )
        assert client_ip(request) == "203.0.113.9"
