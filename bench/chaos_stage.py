"""What some faults need beforehand: a disk small enough to be filled, and a clock that can be put back."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

DISK = 4 * 2**30  # bytes; a sparse file, so only what is written is taken


@dataclass
class Clock:
    """The wall clock of one company, by libfaketime; what measures spans of time is left alone."""

    library: Path
    file: Path
    behind: int = 0  # seconds

    def step_back(self, seconds: int) -> None:
        self.behind += seconds
        self.file.write_text(f"-{self.behind}\n")

    def settings(self) -> dict[str, str]:
        return {
            "LD_PRELOAD": str(self.library),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_DISABLE_SHM": "1",
        }


@dataclass
class Stage:
    """`disk` and `clock` are None where this machine has none to give; the faults that need them are left out."""

    disk: Path | None
    clock: Clock | None


@contextmanager
def stage() -> Iterator[Stage]:
    home = Path(tempfile.mkdtemp(prefix="backoffice-chaos-"))
    home.chmod(0o755)
    disk = _disk(home)
    try:
        yield Stage(disk, _clock(home))
    finally:
        if disk is not None:
            subprocess.run(["umount", "--lazy", disk], check=False)
        shutil.rmtree(home, ignore_errors=True)


def _disk(home: Path) -> Path | None:
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


def _clock(home: Path) -> Clock | None:
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if not found:
        print("no clock that steps back: apt-get install faketime", flush=True)
        return None
    file = home / "clock"
    file.write_text("+0\n")
    file.chmod(0o644)
    return Clock(found[0], file)
