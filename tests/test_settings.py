"""Settings: read once, checked at the start, and never shown with their secrets."""

from __future__ import annotations

from pathlib import Path

import pytest

from coordinator.registry import AGENTS, sized
from db.settings import BadSettings, MailServer, Settings, described, load


def test_an_empty_environment_is_an_installation_with_everything_of_its_own() -> None:
    found = load({"PATH": "/bin", "BACKOFFICE_STRIPE_KEY": " "})
    assert found == Settings()
    assert (found.port, found.keep_days, found.log_format) == (8100, 30, "console")
    assert found.database_url is found.stripe_key is found.test_provider_secret is found.smtp is None
    assert found.data_dir == Path("~/.backoffice").expanduser()


def test_values_are_parsed_at_the_edge() -> None:
    found = load(
        {
            "BACKOFFICE_DATABASE_URL": "postgres://me:pw@db:5432/shop",
            "BACKOFFICE_DATA_DIR": "/srv/backoffice",
            "BACKOFFICE_PORT": "9000",
            "BACKOFFICE_SMTP_URL": "smtp://me%40shop:p%2Fw@mail.example:2525",
            "BACKOFFICE_MAIL_FROM": "Shop <orders@example.com>",
            "BACKOFFICE_KEEP_DAYS": "7",
        }
    )
    assert found.database_url == "postgresql://me:pw@db:5432/shop"
    assert (found.data_dir, found.port, found.keep_days) == (Path("/srv/backoffice"), 9000, 7)
    assert found.smtp == MailServer("mail.example", 2525, "me@shop", "p/w")


def test_how_the_world_reaches_it_is_said_in_so_many_words() -> None:
    found = load({"BACKOFFICE_BEHIND_HTTPS": "yes", "BACKOFFICE_CORS_ORIGINS": "https://shop.example, http://a.b:81"})
    assert (found.behind_https, found.cors_origins) == (True, ("https://shop.example", "http://a.b:81"))
    for wrong in ("*", "https://shop.example/", "shop.example", "null", "https://shop.example,*"):
        with pytest.raises(BadSettings, match="BACKOFFICE_CORS_ORIGINS is a list of origins"):
            load({"BACKOFFICE_CORS_ORIGINS": wrong})
    with pytest.raises(BadSettings, match="BACKOFFICE_BEHIND_HTTPS is yes or no"):
        load({"BACKOFFICE_BEHIND_HTTPS": "true"})


def test_agents_may_be_given_more_replicas_than_they_would_start_with() -> None:
    asked = load({"BACKOFFICE_MINIMUM_REPLICAS": "orders=8, shipping=1"}).minimum_replicas
    specs = {s.name: (s.minimum, s.maximum) for s in sized(AGENTS, asked)}
    assert (specs["orders"], specs["shipping"], specs["payments"]) == ((8, 8), (1, 2), (1, 4))
    with pytest.raises(KeyError, match="ordres"):
        sized(AGENTS, [("ordres", 2)])


@pytest.mark.parametrize(
    ("url", "port", "implicit"), [("smtp://m", 587, False), ("smtps://m", 465, True), ("smtp://m:25", 25, False)]
)
def test_a_mail_server_has_the_usual_port_unless_told(url: str, port: int, implicit: bool) -> None:
    server = load({"BACKOFFICE_SMTP_URL": url, "BACKOFFICE_MAIL_FROM": "a@b.example"}).smtp
    assert server == MailServer("m", port, implicit_tls=implicit)


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("BACKOFFICE_PORT", "eighty", "BACKOFFICE_PORT is a port from 1 to 65535; 'eighty' is not."),
        ("BACKOFFICE_PORT", "70000", "BACKOFFICE_PORT is a port from 1 to 65535; '70000' is not."),
        ("BACKOFFICE_KEEP_DAYS", "0", "BACKOFFICE_KEEP_DAYS is a whole number of days, at least 1; '0' is not."),
        ("BACKOFFICE_DATA_DIR", "here", "BACKOFFICE_DATA_DIR is an absolute path; 'here' is not."),
        (
            "BACKOFFICE_MINIMUM_REPLICAS",
            "orders=0",
            "BACKOFFICE_MINIMUM_REPLICAS looks like orders=2,fulfilment=2; 'orders=0' is not.",
        ),
        ("BACKOFFICE_LOG_FORMAT", "xml", "BACKOFFICE_LOG_FORMAT is console or json; 'xml' is not."),
        (
            "BACKOFFICE_STRIPE_KEY",
            "sk_test_1",
            "BACKOFFICE_STRIPE_KEY is set, so BACKOFFICE_STRIPE_WEBHOOK_SECRET is needed too.",
        ),
    ],
)
def test_a_wrong_value_stops_with_a_sentence(variable: str, value: str, sentence: str) -> None:
    with pytest.raises(BadSettings) as stopped:
        load({variable: value})
    assert str(stopped.value) == sentence


def test_everything_that_is_wrong_is_said_at_once_and_without_the_secrets() -> None:
    with pytest.raises(BadSettings) as stopped:
        load(
            {
                "BACKOFFICE_DATABASE_URL": "mysql://me:hunter2@db/shop",
                "BACKOFFICE_SMTP_URL": "http://me:hunter2@mail",
                "BACKOFFICE_PORT": "x",
            }
        )
    assert len(str(stopped.value).splitlines()) == 3
    assert "hunter2" not in str(stopped.value)


def test_settings_can_be_printed_without_giving_secrets_away() -> None:
    found = load(
        {
            "BACKOFFICE_DATABASE_URL": "postgresql://me:hunter2@db/shop",
            "BACKOFFICE_STRIPE_KEY": "sk_live_hunter2",
            "BACKOFFICE_STRIPE_WEBHOOK_SECRET": "whsec_hunter2",
            "BACKOFFICE_TEST_PROVIDER_SECRET": "hunter2",
            "BACKOFFICE_SMTP_URL": "smtp://me:hunter2@mail",
            "BACKOFFICE_MAIL_FROM": "a@b.example",
        }
    )
    assert "hunter2" not in repr(found)
    assert "hunter2" not in repr(found.smtp)
    assert "mail_from='a@b.example'" in repr(found)


def test_every_setting_is_named_and_explained_once() -> None:
    names = [name for name, _ in described()]
    assert len(set(names)) == len(names) > 0
    assert all(name.startswith("BACKOFFICE_") and 10 < len(help) < 120 for name, help in described())
