"""Charges and takes back, and writes down before and after what it asked for and was told."""

import logging
from typing import Any

from payment_api.provider import Provider, Refused, Undone
from service_kit.problems import Problem
from shop.calls import Peer
from shop.contracts import Charge, Charged

logger = logging.getLogger(__name__)


class Payments:
    def __init__(self, provider: Provider, orders: Peer) -> None:
        self.provider = provider
        self._orders = orders

    async def charge(self, key: str, asked: Charge) -> Charged:
        """Once for each key, however often it is asked."""
        lines = await self._write(key, "requested", asked)
        if "voided" in lines:
            raise Problem(409, "charge_voided", "This charge was taken back before it was made.")
        for kind in ("succeeded", "declined"):
            if kind in lines:
                return Charged.model_validate({"state": kind, **lines[kind]})
        try:
            opened = await self._opened(key, asked, lines)
        except Refused as refused:
            charged = Charged(state="declined", reference="", decline_code=refused.code)
        else:
            charged = await self.provider.charge(key, asked, opened)
        if charged.state != "processing":
            code = charged.decline_code or ""
            await self._write(key, charged.state, asked, charged.reference, code)
        logger.info("charge %s %s", key, charged.state, extra={"order_id": str(asked.order_id)})
        return charged

    async def undo(self, key: str, asked: Charge) -> Undone:
        """Written down first: a charge that comes later sees it, or the provider refuses it."""
        lines = await self._write(key, "voided", asked)
        try:
            opened = await self._opened(key, asked, lines)
        except Refused:
            # What it will not even open it cannot charge.
            undone = Undone("cancelled", "")
        else:
            undone = await self.provider.undo(key, asked, opened)
        if undone.state == "refunded":
            await self._write(key, "refunded", asked, undone.reference)
        logger.info("charge %s %s", key, undone.state, extra={"order_id": str(asked.order_id)})
        return undone

    async def _opened(self, key: str, asked: Charge, lines: dict[str, dict[str, Any]]) -> str:
        """By what the ledger knows: a provider forgets our key after a day, and opens another."""
        for kind in ("succeeded", "opened"):
            if kind in lines:
                return str(lines[kind]["reference"])
        opened = await self.provider.open(key, asked)
        if not opened:
            return opened
        # Of two that were opened the ledger's is the one, for everybody.
        lines = await self._write(key, "opened", asked, opened)
        return str(lines["opened"]["reference"])

    async def _write(
        self, key: str, kind: str, asked: Charge, reference: str = "", detail: str = ""
    ) -> dict[str, dict[str, Any]]:
        """What the ledger says of this charge, by kind."""
        entry = {
            "key": key,
            "kind": kind,
            **asked.model_dump(mode="json", exclude={"token"}),
            "provider": self.provider.name,
            "reference": reference,
            "detail": detail,
        }
        answer = await self._orders.call("POST", "/internal/v1/ledger", json=entry)
        return {
            line["kind"]: {
                "reference": line["reference"],
                "decline_code": line["detail"] or None,
            }
            for line in answer["lines"]
        }
