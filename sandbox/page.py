"""A page that describes the API, all in one piece: nothing on it comes from another server."""

import json
from collections.abc import Iterator
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

router = APIRouter(include_in_schema=False)

HEAD = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Billing API (sandbox)</title>
<style>body{font:16px/1.5 sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}
pre{background:#f3f3f3;padding:.7rem;overflow:auto}h2{margin-top:2rem}</style>
<h1>Billing API (sandbox)</h1>
<p>Every request carries the header <code>x-api-key</code>. Every error is <code>{"message": "…"}</code>.
The same in OpenAPI: <a href="openapi.json">openapi.json</a>.</p>
"""


@router.get("/docs")
async def docs(request: Request) -> HTMLResponse:
    """Show what can be asked, each with an example."""
    described: dict[str, Any] = request.app.openapi()
    root = str(request.base_url).rstrip("/")
    sections = (
        section
        for path, verbs in described["paths"].items()
        for verb, operation in verbs.items()
        for section in _section(verb.upper(), path, operation, root)
    )
    return HTMLResponse(HEAD + "\n".join(sections) + "\n</html>\n")


def _section(method: str, path: str, operation: dict[str, Any], root: str) -> Iterator[str]:
    yield f"<h2><code>{method} {escape(path)}</code></h2><p>{escape(operation['description'])}</p>"
    body = _example(operation.get("requestBody", {}))
    yield f"<pre>{escape(_command(method, root + path, body))}</pre>"
    for status, answer in operation["responses"].items():
        example = _example(answer)
        if example is not None:
            yield f"<p>{status}: {escape(answer['description'])}</p><pre>{escape(_written(example))}</pre>"


def _command(method: str, url: str, body: object) -> str:
    sent = "" if body is None else f" -H 'content-type: application/json' -d '{_written(body)}'"
    return f"curl -X {method} -H 'x-api-key: …'{sent} '{url}'"


def _example(described: dict[str, Any]) -> object:
    return described.get("content", {}).get("application/json", {}).get("example")


def _written(example: object) -> str:
    return json.dumps(example, ensure_ascii=False, indent=1)
