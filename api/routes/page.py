"""The page: the files of api/page/, for people with a browser. It uses the API as any other client does."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from fastapi import APIRouter, Response

from api.errors import NoSuchRouteError
from api.polling import IfNoneMatch, matches
from shared.export import FORMATS
from shared.export.page import policy_hashes
from shared.language_names import LANGUAGE_NAMES

router = APIRouter(include_in_schema=False)
_KINDS = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_FRONT = "index.html"
_CHOICES = "choices.js"
_LINKS = '<openapi.json>; rel="service-desc"'
"""Tells programs that come to the page where the API is described (RFC 8631)."""


@dataclass(frozen=True, slots=True)
class _File:
    content: bytes
    headers: Mapping[str, str]


@router.api_route("/", methods=["GET", "HEAD"])
async def front(if_none_match: IfNoneMatch = None) -> Response:
    """The page itself."""
    return _answer(_all_files()[_FRONT], if_none_match)


@router.api_route("/page/{name}", methods=["GET", "HEAD"])
async def beside(name: str, if_none_match: IfNoneMatch = None) -> Response:
    """What the page is made of: its style, its modules, its icon."""
    if name == _FRONT or name not in _all_files():
        raise NoSuchRouteError(f"Not Found. {NoSuchRouteError.remedy}")
    return _answer(_all_files()[name], if_none_match)


def _answer(file: _File, if_none_match: str | None) -> Response:
    if matches(if_none_match, file.headers["ETag"]):
        return Response(status_code=304, headers=file.headers)
    return Response(file.content, headers=file.headers)


@cache
def _all_files() -> Mapping[str, _File]:
    contents = {file.name: file.read_bytes() for file in (files("api") / "page").iterdir() if _is_ours(file.name)}
    contents[_CHOICES] = _choices().encode()
    return {name: _file(name, content) for name, content in contents.items()}


def _is_ours(name: str) -> bool:
    """Not what an editor or a file browser leaves in a folder (`.page.js.swp`, `.DS_Store`)."""
    return not name.startswith(".") and name.endswith(tuple(_KINDS))


def _choices() -> str:
    """The module with what there is to choose from: the formats of an outline, the languages of its titles."""
    formats = [(known.name, known.title) for known in FORMATS.values()]
    tables = {"FORMATS": formats, "LANGUAGES": list(LANGUAGE_NAMES)}
    return "".join(f"export const {name} = {json.dumps(table)};\n" for name, table in tables.items())


def _file(name: str, content: bytes) -> _File:
    kind = _KINDS[name[name.rindex(".") :]]
    headers = {
        "Content-Type": f"{kind}; charset=utf-8",
        "ETag": f'"{hashlib.sha256(content).hexdigest()[:20]}"',
        # Asked for each time, and answered 304: a server that was updated shows at once, all its files together.
        "Cache-Control": "no-cache",
    }
    if name == _FRONT:
        headers |= {"Content-Security-Policy": policy(), "Link": _LINKS}
    return _File(content, headers)


def policy() -> str:
    """Nothing but our own files, and no text as code, wherever it comes from.

    A lecture's web page (the html export) opens from the page under the same policy: its own style and script, which
    stand in it, are named by what they are, and no others run.
    """
    style, script = policy_hashes()
    return (
        "default-src 'none'; connect-src 'self'; img-src 'self'; "
        f"style-src 'self' '{style}'; script-src 'self' '{script}'; "
        "require-trusted-types-for 'script'; trusted-types 'none'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
