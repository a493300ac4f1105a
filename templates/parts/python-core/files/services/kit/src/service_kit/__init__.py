"""What the services of this project have in common; no business of any of them."""
