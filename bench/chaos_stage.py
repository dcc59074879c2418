"""A disk small enough to be filled."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DISK = 4 * 2**30  # bytes; a sparse file, so only what is written is taken


@contextmanager
def small_disk() -> Iterator[Path | None]:
    """Where it is mounted; None, with a sentence, where this machine or this user cannot mount one."""
    home = Path(tempfile.mkdtemp(prefix="backoffice-chaos-"))
    home.chmod(0o755)
    disk = _mounted(home)
    try:
        yield disk
    finally:
        if disk is not None:
            subprocess.run(["umount", "--lazy", disk], check=False)
        shutil.rmtree(home, ignore_errors=True)


def _mounted(home: Path) -> Path | None:
    image, disk = home / "image", home / "disk"
    if os.geteuid() != 0 or not shutil.which("mkfs.ext4"):
        print("no full disk: a small one can only be mounted by root, with mkfs.ext4", flush=True)
        return None
    with image.open("wb") as file:
        file.truncate(DISK)
    disk.mkdir()
    for words in (["mkfs.ext4", "-q", "-m", "0", str(image)], ["mount", "-o", "loop", str(image), str(disk)]):
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"no full disk: {words[0]} says {done.stderr.strip()}", flush=True)
            return None
    disk.chmod(0o755)
    return disk
