"""What customers and suppliers are told, in plain text. Nothing of what staff write to each other gets in here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Template:
    """`title` and `body` are for `str.format`, with the names that `render` is given."""

    title: str
    body: str


TEMPLATES = {
    "placed": Template(
        "Your order {number}",
        "Thank you for your order {number}.\n\nThe total is {total}. We will write again when it leaves us.\n",
    ),
    "shipped": Template(
        "Your order {number} is on its way",
        "A parcel of your order {number} has left us.\n\n{tracking}\n",
    ),
    "cancelled": Template(
        "Your order {number} is cancelled",
        "Your order {number} has been cancelled.\n\n"
        "If you have paid for it, the money goes back the way it came; we will write when it does.\n",
    ),
    "declined": Template(
        "The payment of your order {number} did not go through",
        "Your payment for order {number} was declined, and nothing was taken.\n\n"
        "Please pay another way, so that we can send your order.\n",
    ),
    "refunded": Template(
        "Your refund of {amount}",
        "We have returned {amount} for your order {number}.\n\nIt can take a few days until it is on your account.\n",
    ),
    "purchase_order": Template(
        "Purchase order {number}",
        "Our purchase order {number} of {total} is attached.\n\n"
        "Please confirm it with the day on which you deliver, and write its number on the delivery note and on the "
        "invoice.\n",
    ),
    "purchase_order_again": Template(
        "Purchase order {number}, sent again",
        "Our purchase order {number} of {total} is attached as it stands now. It takes the place of what we sent "
        "before.\n",
    ),
}


def render(template: str, **values: str) -> tuple[str, str]:
    """(title, body). Values stay what they are: braces and line breaks in them mean nothing in the title."""
    chosen = TEMPLATES[template]
    return " ".join(chosen.title.format(**values).split()), chosen.body.format(**values)


def tracking_lines(numbers: list[str]) -> str:
    if not numbers:
        return "It travels without a tracking number."
    return "\n".join(f"Tracking number: {number}" for number in numbers)
