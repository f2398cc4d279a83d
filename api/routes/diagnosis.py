"""What the workers find out about the models, when somebody asks."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Depends, Request, Response
from redis.asyncio import Redis

from api.errors import NotFoundError
from api.polling import Wait, waited
from api.problems import answers
from shared.diagnosis import Diagnoses, Diagnosis, DiagnosisState

router = APIRouter(prefix="/diagnosis", tags=["server"])


def _diagnoses(request: Request) -> Diagnoses:
    return Diagnoses(cast(Redis, request.app.state.redis))


Asking = Annotated[Diagnoses, Depends(_diagnoses)]


@router.post("", status_code=202, response_model=Diagnosis, responses=answers())
async def ask(diagnoses: Asking, response: Response) -> Diagnosis:
    """Asks the workers about each model: who answers, what it supports, what is wrong. One tiny call per model."""
    asked = await diagnoses.ask()
    response.headers["Location"] = f"/v1/diagnosis/{asked.id}"
    return asked


@router.get("/{id}", response_model=Diagnosis, responses=answers(NotFoundError))
async def diagnosis(diagnoses: Asking, id: str, wait: Wait = 0) -> Diagnosis:
    """The workers' answer. While its state is `asked`, no worker has taken the question up."""

    async def look() -> tuple[bool, Diagnosis]:
        found = await diagnoses.find(id)
        if found is None:
            raise NotFoundError(f"There is no diagnosis {id}, or no longer. Ask again: POST /v1/diagnosis.")
        return found.state is DiagnosisState.DONE, found

    return await waited(look, wait)
