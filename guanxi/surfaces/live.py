"""Live updates: an ASGI application that streams server-sent events (filled in below)."""
