"""Whom to call now."""

from pathlib import Path

import pytest

from service_kit.environment import ConfigurationError
from service_kit.live_host import live_host, live_url


def test_the_file_is_asked_anew_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "product-api"
    monkeypatch.setenv("PRODUCT_HOST", "product-api")
    monkeypatch.setenv("PRODUCT_HOST_FILE", str(file))
    assert live_host("PRODUCT") == "product-api"
    file.write_text("product-api-green\n")
    assert live_host("PRODUCT") == "product-api-green"
    file.write_text("")
    assert live_host("PRODUCT") == "product-api"


def test_a_service_that_nobody_named_is_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PRODUCT_HOST", raising=False)
    with pytest.raises(ConfigurationError, match="PRODUCT_HOST is not set"):
        live_host("PRODUCT")


def test_who_has_a_certificate_is_called_by_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRODUCT_HOST", "product-api")
    assert live_url("PRODUCT", 8001) == "http://product-api:8001"
    monkeypatch.setenv("PRODUCT_PORT", "9001")
    monkeypatch.setenv("PRODUCT_CA_FILE", "/run/trust/ca.crt")
    assert live_url("PRODUCT", 8001) == "https://product-api:9001"
