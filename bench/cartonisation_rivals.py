"""The plain way to pack: largest first, each piece at the first corner where it goes in.

Corners lie at the far ends of what is in the box already, along each axis, as in the packer that most shops use
(Dube and Kanavathy 2006, known as `py3dbp`). It asks for no support: a piece may hang in the air.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ml.cartonisation.goods import Box, Filled, Goods, LeftOut, Piece, Plan, Terms, may_share


def corner_filled(box: Box, goods: Sequence[Goods]) -> Filled:
    """As much as goes in, largest first."""
    room = np.array(box.size)
    at, extent = np.empty((0, 3), int), np.empty((0, 3), int)
    corners = np.zeros((1, 3), int)
    pieces, inside, grams = [], [], box.grams
    for g in sorted(goods, key=lambda g: (-g.volume, g.sku)):
        poses = np.array(g.poses())
        for _ in range(g.quantity):
            if grams + g.grams > box.most_grams or any(not may_share(g, other) for other in inside):
                break
            found = _first(corners, poses, room, at, extent)
            if found is None:
                break
            corner, pose = found
            at, extent = np.vstack([at, corner]), np.vstack([extent, pose])
            taken = (corners == corner).all(axis=1)
            corners = np.vstack([corners[~taken], corner + np.diag(pose)])
            pieces.append(Piece(g.sku, *map(int, corner), *map(int, pose)))
            grams += g.grams
            if g not in inside:
                inside.append(g)
    return Filled(box, tuple(pieces), grams)


def _first(
    corners: np.ndarray, poses: np.ndarray, room: np.ndarray, at: np.ndarray, extent: np.ndarray
) -> tuple[np.ndarray, np.ndarray] | None:
    ends = corners[:, None, :] + poses[None, :, :]
    free = (ends <= room).all(axis=2)
    if len(at):
        apart = (ends[:, :, None, :] <= at) | (corners[:, None, None, :] >= at + extent)
        free &= apart.any(axis=3).all(axis=2)
    hits = np.argwhere(free)
    if not len(hits):
        return None
    corner, pose = hits[0]
    return corners[corner], poses[pose]


def corner_plan(goods: Sequence[Goods], boxes: Sequence[Box], terms: Terms) -> Plan:
    """The smallest box that takes all; else the largest is filled, and the rest goes on."""
    by_size = sorted(boxes, key=lambda b: b.volume)
    left, found = list(goods), []
    while left:
        most = sum(g.quantity for g in left)
        tried = [corner_filled(box, left) for box in by_size]
        whole = [f for f in tried if len(f.pieces) == most]
        best = whole[0] if whole else max(tried, key=lambda f: f.use * f.box.volume)
        if not best.pieces:
            break
        found.append(best)
        left = _rest(left, best)
    out = tuple(LeftOut(g.sku, g.quantity, "fits no box") for g in left)
    return Plan(tuple(found), out, sum(terms.price(f.box, f.grams) for f in found))


def _rest(goods: Sequence[Goods], filled: Filled) -> list[Goods]:
    rest = []
    for g in goods:
        left = g.quantity - sum(p.sku == g.sku for p in filled.pieces)
        if left:
            rest.append(Goods(g.sku, g.size, g.grams, left, g.upright, g.fragile, g.hazard, g.temperature))
    return rest
