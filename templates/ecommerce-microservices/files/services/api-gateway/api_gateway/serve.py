"""Starts the service: `python -m api_gateway.serve`."""

from api_gateway.settings import settings
from service_kit.serve import serve

if __name__ == "__main__":
    serve("api_gateway.main:app", settings)
