"""What customers are mailed of a parcel on its way: what they asked to hear of, each piece of news once."""

from __future__ import annotations

from agents.shipping.messages.tracking import ParcelTracked
from db.notifications import DeliveryNews
from db.tracking import Cause, TrackingStatus

_NEWS = {
    TrackingStatus.delivery_delayed: DeliveryNews.delayed,
    TrackingStatus.delivery_failed: DeliveryNews.failed,
    TrackingStatus.ready_for_pickup: DeliveryNews.ready_for_pickup,
    TrackingStatus.delivered: DeliveryNews.delivered,
}
_BECAUSE = {
    "not_home": "nobody was at home",
    "closed": "it was closed",
    "bad_address": "the address was not found; please write to us",
    "refused": "it was not taken in",
    "not_identified": "the papers did not fit",
    "not_paid": "what was to be paid at the door was not",
    "weather": "of the weather",
    "holiday": "of a holiday",
}


def news_of(event: ParcelTracked) -> DeliveryNews | None:
    return _NEWS.get(TrackingStatus(event.status))


def key_of(event: ParcelTracked, news: DeliveryNews) -> str:
    """A second failed attempt on another day is news again; a delivery is so once."""
    day = "" if news is DeliveryNews.delivered else f":{event.at.date()}"
    return f"{news}:{event.parcel_id}{day}"


def because(event: ParcelTracked) -> str:
    """What the customer is told of the reason; nothing where it is the carrier's own affair."""
    if event.incident in _BECAUSE and event.cause != Cause.carrier:
        return f", because {_BECAUSE[event.incident]}"
    return ""
