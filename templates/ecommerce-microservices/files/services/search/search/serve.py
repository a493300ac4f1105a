"""Starts the service: `python -m search.serve`."""

from search.settings import settings
from service_kit.serve import serve

if __name__ == "__main__":
    serve("search.main:app", settings)
