"""What the environment says is read as it is meant, or refused by its name."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from guanxi.config import environment


def test_another_service_may_be_named_and_a_wrong_one_is_refused(monkeypatch):
    def read(value: str) -> str:
        monkeypatch.setenv("GUANXI_MAP_URL", value)
        return environment.pattern("MAP_URL", "https://x/{address}", holds="address")

    assert read("https://maps.example/?q={address}&z=1") == "https://maps.example/?q={address}&z=1"
    assert read("OFF") == ""
    assert read("") == "https://x/{address}"
    for wrong in ("javascript:alert(1)//{address}", "https://maps.example/", "{address}"):
        with pytest.raises(ImproperlyConfigured, match="GUANXI_MAP_URL"):
            read(wrong)


def test_only_rabbitmq_is_a_broker_and_celery_must_be_there(monkeypatch):
    assert environment.broker("") == ""
    assert environment.broker("amqps://mq.example//") == "amqps://mq.example//"
    with pytest.raises(ImproperlyConfigured, match="GUANXI_BROKER"):
        environment.broker("redis://127.0.0.1/")
    monkeypatch.setattr(environment, "find_spec", lambda name: None)
    with pytest.raises(ImproperlyConfigured, match="make setup EXTRAS=celery"):
        environment.broker("amqp://mq.example//")
