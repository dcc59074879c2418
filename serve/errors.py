"""The one shape of every error, and which failure becomes which: refusals, weather, bugs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from math import ceil
from typing import Any

import msgspec
import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from agents.contract import Failed
from db.errors import Refusal, Unavailable
from serve.edge import request_id_of
from serve.shapes import WANTED

log = structlog.get_logger()


class FieldError(BaseModel):
    field: str = Field(description="Path of the field: `lines.0.quantity`", examples=["lines.0.quantity"])
    message: str


class ErrorBody(BaseModel):
    code: str = Field(examples=["stale_version"])
    message: str = Field(description="A sentence for a person")
    details: dict[str, Any] = Field(description="The facts behind the sentence")
    fields: list[FieldError]
    request_id: str


class ErrorShape(BaseModel):
    error: ErrorBody


SENTENCES = {
    400: "The request cannot be read",
    401: "No valid key or session",
    403: "The caller lacks a scope; the message names it",
    404: "There is no such thing",
    405: "The path does not know this method",
    409: "It does not fit the present state",
    413: "The body is too large",
    422: "A field, filter or rule says no",
    429: "Too many requests; see Retry-After",
    500: "A mistake of ours, logged under the request id",
    503: "A part is away for a moment; see Retry-After",
}

_RETRY_AFTER = {"Retry-After": {"description": "Seconds", "schema": {"type": "integer", "minimum": 1}}}

# A reference and not the model: FastAPI would build a validator for each of them on each route.
_ERROR = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorShape"}}}
ERROR_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"content": _ERROR, "description": sentence} | ({"headers": _RETRY_AFTER} if status in (429, 503) else {})
    for status, sentence in SENTENCES.items()
}


def error_schemas() -> dict[str, Any]:
    """The JSON schemas that `ERROR_RESPONSES` refer to, by name."""
    shape = ErrorShape.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**shape.pop("$defs"), "ErrorShape": shape}


def error_answer(
    request: Request,
    status: int,
    code: str,
    message: str,
    *,
    details: Mapping[str, Any] | None = None,
    fields: Sequence[tuple[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    body = {
        "error": {
            "code": code,
            "message": message,
            "details": details or {},
            "fields": [{"field": field, "message": said} for field, said in fields],
            "request_id": request_id_of(request),
        }
    }
    return Response(msgspec.json.encode(body), status, dict(headers or {}), "application/json")


async def _refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)  # noqa: S101 - registered for this type
    status = int(getattr(error, "status_code", error.status))
    details = msgspec.to_builtins(error.facts(), str_keys=True)
    log.info("refused", code=error.code, status=status)  # the sentence is for who asked: it may name people
    headers: dict[str, str] = {}
    if status == 429:
        headers["Retry-After"] = str(details.get("retry_after", 1))
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    fields = [(str(details["field"]), str(error))] if status == 422 and "field" in details else []
    return error_answer(request, status, error.code, str(error), details=details, fields=fields, headers=headers)


async def _weather(request: Request, error: Exception) -> Response:
    assert isinstance(error, Unavailable)  # noqa: S101 - registered for this type
    # nosemgrep: what-an-error-says-is-not-logged - the sentence is ours and quotes nothing
    log.warning("unavailable", sentence=str(error), cause=error.__cause__)
    retry = {"Retry-After": str(max(1, ceil(error.retry_after)))}
    return error_answer(request, 503, "unavailable", str(error), headers=retry)


async def _failed(request: Request, error: Exception) -> Response:
    # Logged with its traceback where it happened; the sentence was written for the caller.
    return error_answer(request, 500, "internal_error", str(error))


async def answer_to(request: Request, error: Exception) -> Response:
    """The answer to a refusal, to weather or to an agent's bug; anything else is raised again."""
    for kind, answer in ((Refusal, _refusal), (Unavailable, _weather), (Failed, _failed)):
        if isinstance(error, kind):
            return await answer(request, error)
    raise error


def bug_answer(request: Request, error: Exception) -> Response:
    """Anything nobody foresaw. The log has the traceback, the caller has the request id and nothing else."""
    log.error("failed", path=request.url.path, method=request.method, exc_info=error)
    sentence = f"Backoffice made a mistake; it has been logged under request {request_id_of(request)}."
    return error_answer(request, 500, "internal_error", sentence)


class BrokenOff(Exception):
    """The answer had begun when something went wrong; what it was is logged."""


def broken_off(request: Request, error: Exception) -> None:
    log.error("broken off", path=request.url.path, method=request.method, exc_info=error)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this type
    found = error.errors()
    if any(e["type"] == "json_invalid" for e in found):
        return error_answer(request, 400, "malformed_json", "The body is not valid JSON.")
    fields = [(_path(e["loc"]), _sentence(e)) for e in found]
    message = "; ".join(f"{field}: {said}" for field, said in fields[:3])
    more = f" (and {len(fields) - 3} more)" if len(fields) > 3 else ""
    return error_answer(request, 422, "invalid_request", message + more, fields=fields)


def _sentence(error: Mapping[str, Any]) -> str:
    """A pattern says nothing to a person."""
    pattern = error.get("ctx", {}).get("pattern") if error["type"] == "string_pattern_mismatch" else None
    return WANTED.get(str(pattern), str(error["msg"]))


def _path(location: Sequence[str | int]) -> str:
    inside = location[1:] if location and location[0] in ("body", "query", "path", "header") else location
    return ".".join(str(part) for part in inside) or "body"


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this type
    status = error.status_code
    code = HTTPStatus(status).phrase.lower().replace(" ", "_")
    sentences = {
        404: f"There is nothing at {request.url.path}.",
        405: f"{request.url.path} does not know {request.method}.",
    }
    return error_answer(request, status, code, sentences.get(status, str(error.detail)), headers=error.headers)


async def _gone(_request: Request, _error: Exception) -> Response:
    return Response(status_code=499)  # nobody is there to read it


def handle_errors(app: FastAPI) -> None:
    app.add_exception_handler(Refusal, _refusal)
    app.add_exception_handler(Unavailable, _weather)
    app.add_exception_handler(Failed, _failed)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(ClientDisconnect, _gone)
