"""Settings are read once a process, so these tests start processes."""

from pathlib import Path

import pytest
from django.core.management import call_command

from tests.conftest import INHERITED, run

SECRETS = {
    "DB_PASSWORD_FILE": "db_app_password",
    "REDIS_PASSWORD_FILE": "redis_password",
    "DJANGO_SECRET_KEY_FILE": "django_secret_key",
}


@pytest.fixture
def production(tmp_path: Path) -> dict[str, str]:
    environment = {
        "APP_ENV": "production",
        "DOMAIN": "app.example.org",
        "DB_HOST": "127.0.0.1",
        "REDIS_HOST": "127.0.0.1",
        "DB_PORT": "1",
        "REDIS_PORT": "1",
        **INHERITED,
    }
    for variable, name in SECRETS.items():
        (tmp_path / name).write_text("9f8e7d6c5b4a" * 6 + "\n")
        environment[variable] = str(tmp_path / name)
    return environment


def settings_value(environment: dict[str, str], expression: str) -> str:
    code = f"from config import settings\nprint({expression})"
    done = run(environment, "-c", code)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_production_passes_the_deployment_check(production: dict[str, str]) -> None:
    done = run(production, "manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("variable", SECRETS)
def test_a_missing_secret_is_one_clear_line(production: dict[str, str], variable: str) -> None:
    production[variable] = "/nowhere/secret"
    done = run(production, "manage.py", "check")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert f"Secret file /nowhere/secret ({variable}) does not exist." in done.stderr
    assert "ops/secrets init" in done.stderr


def test_gunicorn_ends_with_the_same_line(production: dict[str, str]) -> None:
    production["DB_PASSWORD_FILE"] = "/nowhere/secret"
    done = run(production, "-m", "gunicorn", "--check-config")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "Secret file /nowhere/secret" in done.stderr


@pytest.mark.parametrize("variable", ["DB_HOST", "REDIS_HOST"])
def test_production_has_no_stand_ins(production: dict[str, str], variable: str) -> None:
    del production[variable]
    done = run(production, "manage.py", "check")
    assert done.returncode == 1
    assert f"{variable} is not set" in done.stderr


def test_beat_and_migrate_do_without_what_they_cannot_reach(production: dict[str, str]) -> None:
    nowhere = "/nowhere/secret"
    beat = {**production, "DB_HOST": "none", "DB_PASSWORD_FILE": nowhere}
    assert run(beat, "-m", "celery", "-A", "config", "report").returncode == 0
    migrate = {**production, "REDIS_HOST": "none", "REDIS_PASSWORD_FILE": nowhere}
    names = "settings.CELERY_BROKER_URL, settings.CELERY_TASK_ALWAYS_EAGER"
    assert settings_value(migrate, names) == "memory:// False"


def test_hosts_cookies_and_debug(production: dict[str, str]) -> None:
    names = ("ALLOWED_HOSTS", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "DEBUG")
    printed = settings_value(production, ", ".join(f"settings.{name}" for name in names))
    assert printed == "['app.example.org', 'backend', 'backend.app', '127.0.0.1'] True True False"
    assert settings_value(production, "settings.SESSION_COOKIE_NAME") == "__Host-sessionid"
    plain = {**production, "HTTPS": "false"}
    assert settings_value(plain, "settings.SESSION_COOKIE_NAME") == "sessionid"
    done = run({**production, "DEBUG": "true"}, "manage.py", "check")
    assert done.returncode == 1
    assert "DEBUG" in done.stderr


def test_no_password_is_in_a_url(production: dict[str, str]) -> None:
    url = settings_value(production, "settings.CELERY_BROKER_URL")
    assert url == "redis://127.0.0.1:1/0?credential_provider=config.redis.FileCredentials"


def test_only_the_web_server_pools_connections(production: dict[str, str]) -> None:
    options = "settings.DATABASES['default']['OPTIONS'].get('pool')"
    assert settings_value(production, options) == "None"
    pooled = {**production, "DB_POOL": "true", "DB_POOL_MIN": "2", "DB_POOL_MAX": "7"}
    text = settings_value(pooled, options)
    assert "'min_size': 2" in text
    assert "'max_size': 7" in text
    assert run({**pooled, "DB_POOL_MIN": "8"}, "-c", "import config.settings").returncode == 1


def test_timeouts_reach_the_server_unless_a_pooler_is_between(production: dict[str, str]) -> None:
    options = "settings.DATABASES['default']['OPTIONS'].get('options')"
    limited = settings_value({**production, "DB_LOCK_TIMEOUT_MS": "777"}, options)
    assert "-c statement_timeout=15000 -c lock_timeout=777" in limited
    assert settings_value({**production, "DB_TRANSACTION_POOLER": "true"}, options) == "None"


def test_the_admin_is_closed_unless_asked_for(production: dict[str, str]) -> None:
    code = (
        "import django; django.setup()\n"
        "from django.urls import resolve\n"
        "print(resolve('/admin/login/').app_name)"
    )
    environment = {**production, "DJANGO_SETTINGS_MODULE": "config.settings"}
    assert run(environment, "-c", code).returncode != 0
    assert run({**environment, "ADMIN_ENABLED": "true"}, "-c", code).stdout == "admin\n"


@pytest.mark.django_db
def test_migrations_are_complete() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
