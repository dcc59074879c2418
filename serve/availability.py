"""What can be promised, from where and by when, over HTTP."""

from __future__ import annotations

from pydantic import Field as Described
from starlette.requests import Request
from starlette.responses import Response

from agents.promising.messages import AskAvailability, AvailabilityQuestion, AvailabilityState
from serve.requests import wondering
from serve.routing import Routes
from serve.scopes import Scope
from serve.shapes import Ask, Code, Name, Quantity, Sku, answer_shape

routes = Routes("stock")

MOST = 1000


class AvailabilityQuestionBody(Ask):
    sku: Sku = Described(examples=["ENAMEL-MUG"])
    quantity: Quantity = 1
    node: Code | None = Described(None, description="Null: whichever node is best, and all that ship")
    channel: Name | None = Described(None, description="Null: one for which nothing is kept from anybody")


class AvailabilityBody(Ask):
    questions: list[AvailabilityQuestionBody] = Described(min_length=1, max_length=MOST)


@routes.post("/availability", access=Scope.read_stock, answer=answer_shape(AvailabilityState))
async def ask_availability(request: Request, body: AvailabilityBody) -> Response:
    """Ask what can be promised, from where and by when: up to 1,000 SKUs at once. Nothing is kept or written."""
    asked = AskAvailability(questions=[AvailabilityQuestion(**q.model_dump()) for q in body.questions])
    return await wondering(request, "promising", asked, AvailabilityState, partition=body.questions[0].sku)
