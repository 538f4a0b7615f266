"""Faults on demand over HTTP: what a test in another process, or a curious person, uses."""

from fastapi import APIRouter, Depends, Response

from sandbox.faults import Fault, FaultKind
from sandbox.gate import check_key
from sandbox.shapes import json_response
from sandbox.state import Desk

router = APIRouter(prefix="/sandbox", dependencies=[Depends(check_key)], tags=["sandbox"])


EXAMPLE = {"method": "POST", "path": "/payments", "kind": "drop-after-commit", "times": 1}
DESCRIPTION = f"Let the next requests that fit go wrong. Kinds: {', '.join(FaultKind)}."


@router.get("/faults")
async def list_faults(desk: Desk) -> Response:
    """The faults that wait for their requests."""
    return json_response({"data": [fault.model_dump() for fault in desk.faults]})


@router.post(
    "/faults",
    status_code=201,
    description=DESCRIPTION,
    openapi_extra={"requestBody": {"content": {"application/json": {"example": EXAMPLE}}}},
)
async def add_fault(desk: Desk, fault: Fault) -> Response:
    """Let the next requests that fit go wrong."""
    desk.faults.put(fault)
    return json_response(fault.model_dump(), 201)


@router.delete("/faults")
async def clear_faults(desk: Desk) -> Response:
    """Forget the faults that still wait."""
    return json_response({"forgotten": desk.faults.clear()})
