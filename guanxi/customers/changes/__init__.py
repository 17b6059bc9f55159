"""Change requests: key values of a customer change after a second person has looked (CUS-7)."""
