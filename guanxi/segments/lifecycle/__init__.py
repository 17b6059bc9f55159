"""Where each customer's relationship stands, by rules that are data (SEG-5)."""
