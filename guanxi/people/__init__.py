"""People: departments, teams, users, roles, sign-in and API tokens."""
