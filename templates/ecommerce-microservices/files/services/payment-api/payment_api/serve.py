"""Starts the service: `python -m payment_api.serve`."""

from payment_api.settings import settings
from service_kit.serve import serve

if __name__ == "__main__":
    serve("payment_api.main:app", settings)
