"""Signatures, addresses, and when to try again."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.outside import may_connect
from agents.webhooks.rules import (
    DISABLE_AFTER,
    GIVE_UP_AFTER,
    RETRY_AFTER,
    Answered,
    pause,
    retry_in,
    sign,
    signature,
    wrong_with,
)

SECRETS = st.text(min_size=1, max_size=60)
TIMES = st.integers(0, 2**40)
BODIES = st.binary(max_size=500)


@given(SECRETS, TIMES, BODIES)
def test_a_signature_is_what_a_receiver_works_out_with_the_standard_library(secret, timestamp, body) -> None:
    expected = hmac.new(secret.encode(), str(timestamp).encode() + b"." + body, hashlib.sha256).hexdigest()
    assert sign(secret, timestamp, body) == expected


@given(SECRETS, TIMES, BODIES, SECRETS, TIMES, BODIES)
def test_another_secret_time_or_body_has_another_signature(s1, t1, b1, s2, t2, b2) -> None:
    # HMAC fills a short key up with zeros, so these two are one key.
    same = (s1.encode().rstrip(b"\0"), t1, b1) == (s2.encode().rstrip(b"\0"), t2, b2)
    assert (sign(s1, t1, b1) == sign(s2, t2, b2)) == same


@given(st.lists(SECRETS, min_size=1, max_size=3), TIMES, BODIES)
def test_whoever_knows_one_of_the_secrets_finds_their_signature(secrets, timestamp, body) -> None:
    header = signature(secrets, timestamp, body).split(",")
    assert header == [f"v1={sign(s, timestamp, body)}" for s in secrets]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254",
        "192.0.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1",
        "fe80::1%eth0", "fd00:ec2::254", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1",
        "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:1::", "2001:db8::1",
    ],
)  # fmt: skip
def test_addresses_that_are_not_of_the_internet_are_refused(address) -> None:
    assert not may_connect(address, (), encrypted=True)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
def test_addresses_of_the_internet_are_allowed_when_encrypted(address) -> None:
    assert may_connect(address, (), encrypted=True)
    assert not may_connect(address, (), encrypted=False)


def test_a_network_that_is_named_is_allowed_and_no_other() -> None:
    networks = (ip_network("127.0.0.0/8"), ip_network("fd12::/16"))
    assert may_connect("127.0.0.1", networks, encrypted=False)
    assert may_connect("::ffff:127.0.0.1", networks, encrypted=False)
    assert may_connect("fd12::1", networks, encrypted=False)
    assert not may_connect("10.0.0.1", networks, encrypted=True)
    assert not may_connect("169.254.169.254", networks, encrypted=True)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com", "https://", "https:///x", "//example.com", "https://user:pw@example.com/",
        "https://example.com/#x", "https://example.com:0/", "https://example.com:99999/", "https://exa mple.com",
        "https://example.com/\r\nX: y", "https://bücher.example", "http://example.com", "https://[::1", "file:///etc",
        "https://example.com/" + "x" * 2000, "https://10.0.0.1/", "https://[::1]/x", "https://169.254.169.254/latest",
        "https://[fe80::1%25eth0]/",
    ],
)  # fmt: skip
def test_what_is_no_address_for_a_webhook_is_refused_with_a_sentence(url) -> None:
    why = wrong_with(url, ())
    assert why is not None
    assert why.endswith(".")


def test_an_unencrypted_address_is_for_networks_that_are_named() -> None:
    assert wrong_with("http://127.0.0.1:9000/x", (ip_network("127.0.0.0/8"),)) is None
    assert wrong_with("https://example.com:8443/x?y=1", ()) is None
    assert wrong_with("https://8.8.8.8/x", ()) is None


@given(st.integers(1, 20), st.floats(0, 1), st.none() | st.integers(0, 10**8))
def test_retries_come_later_and_later_and_end(attempts, luck, asked) -> None:
    wait = retry_in(attempts, Answered(503, retry_after=asked), luck)
    if attempts >= GIVE_UP_AFTER:
        assert wait is None
        return
    planned = RETRY_AFTER[attempts - 1]
    assert wait is not None
    assert 0.8 * planned <= wait.total_seconds() <= max(1.2 * planned, 3600)
    assert wait.total_seconds() >= min(asked or 0, 3600)


def test_a_webhook_that_fails_rests_longer_and_longer_so_that_fifteen_failures_take_hours() -> None:
    assert (pause(1, 0.5), pause(2, 0.5)) == (None, None)
    rests = [pause(n, 0.5) or timedelta() for n in range(1, DISABLE_AFTER)]
    assert rests == sorted(rests)
    assert timedelta(hours=4) < sum(rests, timedelta()) < timedelta(hours=6)


@pytest.mark.parametrize(("code", "delivered"), [(200, True), (204, True), (299, True), (199, False), (302, False),
                                                (400, False), (410, False), (500, False)])  # fmt: skip
def test_only_2xx_is_delivered(code, delivered) -> None:
    answered = Answered(code)
    assert answered.delivered is delivered
    assert (answered.why is None) is delivered
    assert answered.gone is (code == 410)
