"""Letters on paper: one typeface that is embedded, and the reader's own for Chinese, Japanese and Korean."""

from __future__ import annotations

import unicodedata
from functools import cache
from itertools import groupby
from xml.sax.saxutils import escape

import fontpkg
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont

USUAL = "NotoSans"  # Latin, Greek, Cyrillic
CHINESE, JAPANESE, KOREAN = "STSong-Light", "HeiseiKakuGo-W5", "HYSMyeongJo-Medium"


@cache
def usual() -> TTFont:
    """The typeface of everything else; asking for it makes all four known to ReportLab."""
    font = TTFont(USUAL, str(fontpkg.path("Noto Sans")))
    for each in (font, *(UnicodeCIDFont(name) for name in (CHINESE, JAPANESE, KOREAN))):
        pdfmetrics.registerFont(each)
    return font


def marked_up(text: str) -> str:
    """Text for a ReportLab paragraph: each letter in a typeface that has it, nothing of it read as mark-up."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    eastern = _eastern(shown)
    runs = groupby(shown, key=lambda letter: eastern if _is_eastern(letter) else USUAL)
    return "".join(
        escape("".join(run)) if name == USUAL else f'<font name="{name}">{escape("".join(run))}</font>'
        for name, run in runs
    )


def _is_eastern(letter: str) -> bool:
    """Whether it is a letter of Chinese, Japanese or Korean that the usual typeface lacks."""
    return ord(letter) not in usual().face.charToGlyph and _script(letter) in {"CJK", "KANA", "HANGUL"}


def _script(letter: str) -> str:
    first = unicodedata.name(letter, "").split(" ")[0]
    return {"HIRAGANA": "KANA", "KATAKANA": "KANA", "IDEOGRAPHIC": "CJK", "FULLWIDTH": "CJK"}.get(first, first)


def _eastern(text: str) -> str:
    """Whose letters the shared ideographs of a text are drawn as: Japanese beside kana, Korean beside hangul."""
    scripts = {_script(letter) for letter in text}
    return JAPANESE if "KANA" in scripts else KOREAN if "HANGUL" in scripts else CHINESE
