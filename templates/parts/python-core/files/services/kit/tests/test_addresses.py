import pytest

from service_kit.addresses import address_of, network_of


@pytest.mark.parametrize(
    ("forwarded", "proxies", "expected"),
    [
        ("203.0.113.9", 1, "203.0.113.9"),
        ("198.51.100.1, 203.0.113.9", 1, "203.0.113.9"),  # the left one is a claim
        ("198.51.100.1, 203.0.113.9", 2, "198.51.100.1"),
        ("203.0.113.9", 2, "192.0.2.1"),
        ("not an address", 1, "192.0.2.1"),
        ("203.0.113.9", 0, "192.0.2.1"),
        ("", 1, "192.0.2.1"),
    ],
)
def test_the_address_is_the_one_that_our_proxy_saw(
    forwarded: str, proxies: int, expected: str
) -> None:
    assert address_of("192.0.2.1", forwarded, proxies) == expected


def test_a_household_is_counted_as_one() -> None:
    assert network_of("2001:db8::1") == network_of("2001:db8::ffff") == "2001:db8::/64"
    assert network_of("::ffff:192.0.2.1") == "192.0.2.1"
    assert network_of("nonsense") == "unknown"
