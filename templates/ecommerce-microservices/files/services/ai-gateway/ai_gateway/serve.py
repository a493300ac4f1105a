"""Starts the service: `python -m ai_gateway.serve`."""

from ai_gateway.settings import settings
from service_kit.serve import serve

if __name__ == "__main__":
    serve("ai_gateway.main:app", settings)
