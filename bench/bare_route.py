"""The least that FastAPI does: one route that answers a constant. What the API's polls are measured beside."""

from fastapi import FastAPI

app = FastAPI()


@app.get("/bare")
async def bare() -> dict[str, str]:
    return {"status": "ok"}
