"""Webhooks: what a client's addresses were told, and how the delivery went."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.desk import Desk
from api.errors import NotFoundError
from api.problems import answers
from shared.webhooks import Webhook, WebhookState

router = APIRouter(tags=["webhooks"])


@router.get("/webhooks", response_model=list[Webhook], responses=answers())
async def newest_webhooks(
    desk: Desk, state: WebhookState | None = None, most: Annotated[int, Query(ge=1, le=500)] = 50
) -> list[Webhook]:
    """The newest webhooks, newest first. They are kept for seven days."""
    return await desk.webhooks.newest(desk.client, most, state)


@router.get("/webhooks/{id}", response_model=Webhook, responses=answers(NotFoundError))
async def webhook(desk: Desk, id: str) -> Webhook:
    """One webhook, and how its delivery went."""
    found = await desk.webhooks.find(desk.client, id)
    if found is None:
        raise NotFoundError(f"There is no webhook {id}, or it was kept as long as was promised and is gone.")
    return found


@router.post("/webhooks/{id}/replay", status_code=202, response_model=Webhook, responses=answers(NotFoundError))
async def replay(desk: Desk, id: str) -> Webhook:
    """Has it delivered again, whatever came of it before. An address that was disabled is told things again."""
    await desk.webhooks.replay(desk.client, await webhook(desk, id))
    return await webhook(desk, id)
