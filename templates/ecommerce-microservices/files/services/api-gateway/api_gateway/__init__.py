"""What the world may call: accounts, catalogue, orders."""
