"""Starts the API: `python -m app.serve`."""

from app.settings import check_settings
from service_kit.serve import serve

if __name__ == "__main__":
    serve("app.main:app", check_settings)
