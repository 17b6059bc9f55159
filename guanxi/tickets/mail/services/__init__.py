"""Every write of mail."""
