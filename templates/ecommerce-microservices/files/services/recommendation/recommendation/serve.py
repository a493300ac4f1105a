"""Starts the service: `python -m recommendation.serve`."""

from recommendation.settings import settings
from service_kit.serve import serve

if __name__ == "__main__":
    serve("recommendation.main:app", settings)
