"""What the codes of carriers mean where no operator has said otherwise: (status, incident).

Read from the carriers' published lists: DHL's ICE event and reason codes (`EVENT` or `EVENT/REASON`), and Hermes
Germany's four-digit codes.
"""

from __future__ import annotations

from db.tracking import Incident, TrackingStatus

Meaning = tuple[TrackingStatus, Incident | None]

_S, _I = TrackingStatus, Incident


def _same(status: TrackingStatus, incident: Incident | None, codes: str) -> dict[str, Meaning]:
    return dict.fromkeys(codes.split(), (status, incident))


_DHL_EVENTS: dict[str, Meaning] = {
    **_same(_S.pending, None, "ADVIS PARCV PURCR DTNPC PBNDT PMTCR PMTCS"),
    **_same(_S.picked_up, None, "PCKDU SHRCU HNDTC"),
    **_same(
        _S.in_transit,
        None,
        "ASMVT CHECK FWDCF HNDDE HNDND ICPRC INFCL ITBAR LDTHU LDTMV MVARR MVDPT OFWRD RELBL REPCK ROUCR RSDCP SECHK "
        "SRTED STORN TRBCR ULFMV",
    ),
    **_same(_S.delivery_delayed, _I.misrouted, "MSRTD NTADT"),
    **_same(_S.delivery_delayed, _I.no_capacity, "LDEXC"),
    **_same(_S.delivery_delayed, _I.vehicle, "MVDEX MVTEX"),
    **_same(_S.ready_for_pickup, None, "CNRFC HLDCC"),
    **_same(_S.delivered, None, "DLVRD"),
    **_same(_S.delivery_failed, _I.refused, "DLVRF"),
    **_same(_S.delivery_failed, None, "NTDEL"),
    **_same(_S.on_hold, _I.damaged, "DMGDS"),
    **_same(_S.on_hold, _I.bad_address, "ALERT"),
    **_same(_S.on_hold, None, "EXPHD"),
    **_same(_S.on_hold, _I.customs_held, "HLDCP HLDCU"),
    **_same(_S.on_hold, _I.confiscated, "CNFSC"),
    **_same(_S.on_hold, _I.lost, "DSPSD RCCLS"),
    **_same(_S.pending, _I.not_handed_over, "NTPUP"),
    **_same(_S.return_to_sender, None, "RETRN"),
    **_same(_S.cancelled, _I.stopped_by_sender, "CANCL"),
}
# A reason says more than the event, for events that something went wrong with.
_DHL_REASONS: dict[str, Incident] = {
    **dict.fromkeys(("DMGED", "DMGPC", "DMPHD", "LDMGD", "PUDMG"), _I.damaged),
    **dict.fromkeys(("LOSTX", "GHSTP"), _I.lost),
    **dict.fromkeys(("WRGTR", "CRRFN", "CRRCS", "STPRB"), _I.misrouted),
    **dict.fromkeys(("CAPEX", "OVRLD"), _I.no_capacity),
    **dict.fromkeys(("EQUBF", "VHARU", "TCHBD", "TCATC", "DRCRU"), _I.vehicle),
    **dict.fromkeys(("MSDLA", "CRROT", "CROAT"), _I.missed_cutoff),
    **dict.fromkeys(("GDNMS",), _I.bad_packaging),
    **dict.fromkeys(("MSLBL", "IDDMG", "UDFPC"), _I.bad_label),
    **dict.fromkeys(("MSSDT", "NDRFC", "PWMFD"), _I.missing_data),
    **dict.fromkeys(("INCSH", "SHNCP"), _I.incomplete),
    **dict.fromkeys(("STBSD", "RTSCR", "RTSSA", "HLDSR"), _I.stopped_by_sender),
    **dict.fromkeys(("NTHND", "NTHNG", "GDNRD"), _I.not_handed_over),
    **dict.fromkeys(("NHOME", "CNCNR"), _I.not_home),
    **dict.fromkeys(("CLOSD",), _I.closed),
    **dict.fromkeys(("RFUSD", "NTORD", "NEXCH"), _I.refused),
    **dict.fromkeys(("BDADD", "WRGRI", "CPUNK", "WRGPN", "UDLVR"), _I.bad_address),
    **dict.fromkeys(("MOVED",), _I.moved),
    **dict.fromkeys(("NTCCN", "NTCLM"), _I.not_collected),
    **dict.fromkeys(("TRPMT", "NPYMT"), _I.not_paid),
    **dict.fromkeys(("AGNEG", "IDNEG", "CTCNI", "WRGID"), _I.not_identified),
    **dict.fromkeys(("CSREQ", "CRQST", "CTCST"), _I.asked_for_change),
    **dict.fromkeys(("MSDOC", "CSDOC"), _I.customs_documents),
    **dict.fromkeys(("CLREF",), _I.customs_refused),
    **dict.fromkeys(("LEGAT",), _I.confiscated),
    **dict.fromkeys(("FRMJR",), _I.force_majeure),
    **dict.fromkeys(("HLDAY",), _I.holiday),
    **dict.fromkeys(("OTHER", "OTHRE"), _I.other),
}
_WENT_WRONG = frozenset({_S.on_hold, _S.delivery_failed, _S.delivery_delayed, _S.return_to_sender})

_HERMES: dict[str, Meaning] = {
    **_same(_S.pending, None, "0000 0600 0700 0800 0900"),
    **_same(_S.picked_up, None, "1000 1900 1910 2400 3760 3761 4062"),
    **_same(
        _S.in_transit, None, "1510 4060 4061 9040 9041 1710 1720 1810 1820 1610 1901 2000 2300 3010 3300 3430 6089 6090"
    ),
    **_same(_S.in_transit, _I.asked_for_change, "6088"),
    **_same(_S.on_hold, _I.missing_data, "2100"),
    **_same(_S.on_hold, _I.customs_held, "1730"),
    **_same(_S.on_hold, _I.customs_refused, "1751"),
    **_same(_S.on_hold, _I.damaged, "3740 4040 6085"),
    **_same(_S.on_hold, _I.asked_for_change, "4100 4500"),
    **_same(_S.on_hold, _I.stopped_by_sender, "4095 3795"),
    **_same(_S.delivery_delayed, _I.no_capacity, "4610"),
    **_same(_S.delivery_delayed, _I.lost, "4620 4630"),
    **_same(_S.delivery_delayed, _I.misrouted, "4025 3780 4080 6086 6087"),
    **_same(_S.delivery_delayed, _I.vehicle, "3750 4050"),
    **_same(_S.out_for_delivery, None, "3000"),
    **_same(_S.ready_for_pickup, None, "3410"),
    **_same(_S.delivery_failed, _I.refused, "3710 4010"),
    **_same(_S.delivery_failed, _I.bad_address, "3720 4020"),
    **_same(_S.delivery_failed, _I.not_home, "3731 4031 3732 4032 3733 4033 3734 4034"),
    **_same(_S.delivery_failed, _I.not_paid, "3715 4015"),
    **_same(
        _S.delivery_failed,
        _I.not_identified,
        "4081 3782 4082 3783 4083 3784 4084 3785 4085 3786 4086 3787 4087 3751 4051 3752 4052 3753 4053 3754 4054",
    ),
    **_same(_S.delivery_failed, _I.not_collected, "4035"),
    **_same(_S.delivery_failed, _I.bad_packaging, "4024"),
    **_same(_S.delivered, None, "3500 3510 3511 3520 3530"),
    **_same(_S.return_to_sender, None, "6080 6081 6083 6092 6094 1520 7500"),
    **_same(_S.return_to_sender, _I.bad_address, "6082"),
    **_same(_S.return_to_sender, _I.not_home, "6084"),
    **_same(_S.return_to_sender, _I.not_collected, "6093"),
    **_same(_S.return_to_sender, _I.not_identified, "6098"),
    **_same(_S.return_to_sender, _I.bad_packaging, "6096"),
    **_same(_S.return_to_sender, _I.stopped_by_sender, "6099"),
    **_same(_S.cancelled, _I.stopped_by_sender, "9340 9341"),
    **_same(
        _S.pending, None, "9311 9315 9321 9322 9323 9324 9325 9327 9328 9381 9385 9391 9394 9395 9399 4690 4070 4072"
    ),
}


def built_in(carrier: str, code: str) -> Meaning | None:
    """What is known of a carrier's code without anybody's help; None for carriers and codes that are not."""
    name = carrier.lower()
    if name.startswith("dhl"):
        return _of_dhl(code.upper())
    if name.startswith("hermes"):
        return _HERMES.get(code)
    if code in set(TrackingStatus):
        return TrackingStatus(code), None
    return None


def _of_dhl(code: str) -> Meaning | None:
    event, _, reason = code.replace(" ", "").partition("/")
    known = _DHL_EVENTS.get(event)
    if known is None:
        return None
    status, incident = known
    if status is TrackingStatus.in_transit and event == "OFWRD" and reason in {"RTSCR", "RTSSA"}:
        return TrackingStatus.return_to_sender, Incident.stopped_by_sender
    if status in _WENT_WRONG:
        incident = _DHL_REASONS.get(reason, incident)
    elif event == "DLVRD" and reason == "ACCDM":
        incident = Incident.damaged
    return status, incident
