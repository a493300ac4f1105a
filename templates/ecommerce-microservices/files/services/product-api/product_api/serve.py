"""Starts the service: `python -m product_api.serve`."""

from product_api.settings import settings
from service_kit.serve import serve

if __name__ == "__main__":
    serve("product_api.main:app", settings)
