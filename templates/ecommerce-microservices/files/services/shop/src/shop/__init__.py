"""What the services of the shop have in common: shapes of what they send, tokens, calls."""
