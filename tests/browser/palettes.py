"""Pictures of screens with few colours: a third of the bytes, and nobody sees it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

OFTEN, FAR = 160, 96  # colours of surfaces and letters; of the small signs that are like none of these


def reduce(picture: Path) -> None:
    """Rewrite a picture with 256 colours: those that are there most often, and those that are furthest from them."""
    with Image.open(picture) as taken:
        whole = np.asarray(taken.convert("RGB"), dtype=np.int32)
    packed = whole[..., 0] << 16 | whole[..., 1] << 8 | whole[..., 2]
    names, place, times = np.unique(packed, return_inverse=True, return_counts=True)
    colours = np.stack([names >> 16, names >> 8 & 255, names & 255], axis=1)
    kept = list(np.argsort(-times)[:OFTEN])
    distance = _between(colours, colours[kept]).min(axis=1)
    for _ in range(min(FAR, len(names) - len(kept))):
        kept.append(int(distance.argmax()))
        distance = np.minimum(distance, _between(colours, colours[kept[-1:]])[:, 0])
    nearest = _between(colours, colours[kept]).argmin(axis=1).astype(np.uint8)
    few = Image.fromarray(nearest[place].reshape(packed.shape), mode="P")
    few.putpalette(colours[kept].astype(np.uint8).tobytes())
    few.save(picture, optimize=True)


def _between(some: Any, others: Any) -> Any:
    """Squared distances, a row for each of `some`."""
    return ((some[:, None, :] - others[None, :, :]) ** 2).sum(axis=2)
