"""Pages of people: signing in, one's own account, roles, the company."""
