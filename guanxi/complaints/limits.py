"""How often somebody without a sign-in may try a link."""

from typing import Final

from guanxi.surfaces.limits import RateLimit

#: Whoever guesses keys gets nowhere; whoever has one needs it once.
guessers: Final = RateLimit(per_minute=10, burst=20)
