"""Takes money and gives it back, by a provider."""
