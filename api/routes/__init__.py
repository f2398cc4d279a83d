"""The routes of the API, version 1, one module for each noun."""

from fastapi import APIRouter

from api.routes import batches, diagnosis, events, lectures, outlines, submissions, webhooks

router = APIRouter(prefix="/v1")
for _noun in (submissions, lectures, outlines, batches, events, diagnosis, webhooks):
    router.include_router(_noun.router)
