"""What the customer's page shows, in words and markup; queries and timeline read it."""
