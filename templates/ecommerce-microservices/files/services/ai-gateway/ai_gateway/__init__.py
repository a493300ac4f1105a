"""One way to the services that suggest and find."""
