"""Starts the service: `python -m order_api.serve`."""

from order_api.settings import settings
from service_kit.serve import serve

if __name__ == "__main__":
    serve("order_api.main:app", settings)
