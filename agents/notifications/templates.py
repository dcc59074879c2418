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
    "repromised": Template(
        "A part of your order {number} comes later",
        "Something that you ordered with {number} comes to us later than we thought. We now expect to send it by "
        "{day}; we had said {before}.\n\n"
        "There is nothing that you have to do. If you would rather have the rest now, or no longer want to wait, "
        "please write to us.\n",
    ),
    "waits": Template(
        "A part of your order {number} has no date",
        "Something that you ordered with {number} does not come when we said, and we do not know yet when it will. We "
        "write as soon as we do.\n\n"
        "If you would rather have the rest now, or no longer want to wait, please write to us.\n",
    ),
    "parcel_delayed": Template(
        "A parcel of your order {number} comes later",
        "The carrier says that a parcel of your order {number} comes later than planned{because}.\n\n"
        "Tracking number: {tracking}\n\nThere is nothing that you have to do.\n",
    ),
    "parcel_failed": Template(
        "A parcel of your order {number} could not be delivered",
        "The carrier tried on {day} to deliver a parcel of your order {number}, and could not{because}.\n\n"
        "Tracking number: {tracking}\n\nIt usually tries again. If the address has changed, please write to us.\n",
    ),
    "parcel_ready_for_pickup": Template(
        "A parcel of your order {number} can be picked up",
        "A parcel of your order {number} waits for you at the carrier since {day}.\n\nTracking number: {tracking}\n\n"
        "Please bring something that shows who you are. It goes back to us if nobody comes for it.\n",
    ),
    "parcel_delivered": Template(
        "A parcel of your order {number} has arrived",
        "The carrier says that a parcel of your order {number} was delivered on {day}.\n\n"
        "Tracking number: {tracking}\n\nIf you have not got it, please write to us.\n",
    ),
    "parcel_question": Template(
        "About a parcel of your order {number}",
        "We look after a parcel of your order {number} that has not reached you.\n\n{words}\n\n"
        "Tracking number: {tracking}\n",
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
    "return_code": Template(
        "Your code for returns of order {number}",
        "{code}\n\nThis code opens the returns of your order {number} for ten minutes, on the page where you asked "
        "for it.\n\nIf you did not ask for it, you need not do anything: nobody gets in without it.\n",
    ),
    "return_link": Template(
        "Return something of your order {number}",
        "Here you can give back what you ordered with {number}, and see where your returns stand:\n\n{link}\n",
    ),
    "return_asked": Template(
        "Your return {back} of order {number}",
        "We have your return {back}:\n\n{goods}\n\nWe look at it and write again.\n\n{link}\n",
    ),
    "return_approved": Template(
        "Your return {back} is approved",
        "You may send back:\n\n{goods}\n\n{how}\n\n{link}\n",
    ),
    "return_kept": Template(
        "Your return {back} is approved",
        "You keep:\n\n{goods}\n\nNothing has to be sent. The money goes back the way you paid.\n\n{link}\n",
    ),
    "return_declined": Template(
        "Your return {back} is not possible",
        "We cannot take back {back} of your order {number}:\n\n{why}\n\nIf you see it differently, please write to "
        "us.\n",
    ),
    "return_cancelled": Template(
        "Your return {back} is called off",
        "Your return {back} of order {number} is called off. Nothing has to be sent.\n",
    ),
    "return_label": Template(
        "The label for your return {back}",
        "Your label is ready: {carrier}, {tracking}.\n\nPrint it, put it on the parcel, and hand the parcel over. "
        "You can print it here:\n\n{link}\n",
    ),
    "return_received": Template(
        "Your return {back} is here",
        "We have received what you sent back with {back}:\n\n{goods}\n\n{then}\n\n{link}\n",
    ),
    "return_paid": Template(
        "Your refund of {amount}",
        "We have returned {amount} for your return {back} of order {number}.\n\n{sums}\n\nIt can take a few days "
        "until it is on your account.\n",
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
