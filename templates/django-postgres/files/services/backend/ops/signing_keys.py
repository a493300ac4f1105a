"""Takes over new signing keys while the process runs.

Django reads SECRET_KEY and SECRET_KEY_FALLBACKS each time it signs or checks something, so setting
them is enough. A forked worker starts with what its parent once read; its first request mends that.
"""

from django.conf import settings

from service_kit.environment import secret_values

_seen: tuple[int, int, int] | None = None


def refresh_signing_keys() -> None:
    global _seen  # noqa: PLW0603 - one file, one process
    path = settings.SIGNING_KEYS_FILE
    if path is None:
        return
    try:
        # Asked before the file is read: what is written in between is then seen the next time.
        facts = path.stat()
        mark = (facts.st_ino, facts.st_mtime_ns, facts.st_size)
        if mark == _seen:
            return
        values = secret_values(path)
    except OSError:
        return  # a key that cannot be read is no reason to lose the one we have
    if not values:
        return
    # Other threads sign and check meanwhile: at no moment is a good key unknown.
    settings.SECRET_KEY_FALLBACKS = [*values, settings.SECRET_KEY]
    settings.SECRET_KEY = values[0]
    settings.SECRET_KEY_FALLBACKS = values[1:]
    _seen = mark
