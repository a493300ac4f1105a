from celery import shared_task
from django.core.management import call_command


@shared_task(name="accounts.clear_expired_sessions", time_limit=300, soft_time_limit=280)
def clear_expired_sessions() -> None:
    call_command("clearsessions")
