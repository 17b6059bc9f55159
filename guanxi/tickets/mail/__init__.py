"""Mail of tickets: mailboxes, taking letters in, sending replies."""
