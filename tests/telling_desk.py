"""Lectures of one chunk that tell an address of their end."""

from __future__ import annotations

from harness import desk

from shared.ledger import Submission

URL = "https://hooks.example.org/kapitola"


def lecture(id: str, webhook: str = URL) -> Submission:
    return desk.lecture(id, chunks=1, webhook=webhook)
