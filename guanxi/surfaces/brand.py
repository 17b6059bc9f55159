"""The company's own name, logo and colours, given by whoever keeps them."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Brand:
    """How the product introduces itself."""

    name: str = ""
    logo_url: str = ""
    css_url: str = ""


_providers: list[Callable[[], Brand]] = []


def declare_brand(provider: Callable[[], Brand]) -> None:
    """Say where name, logo and colours come from; the last declaration counts."""
    _providers.append(provider)


def current() -> Brand:
    """The brand of this installation, or the product's own."""
    return _providers[-1]() if _providers else Brand()
