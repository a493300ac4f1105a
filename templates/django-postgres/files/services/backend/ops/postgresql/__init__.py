"""Django's PostgreSQL backend, except that a connection reads its password when it is made."""
