"""The catalogue, and the truth about stock."""
