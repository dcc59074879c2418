"""Reads the bars of a PDF the way a scanner does: from the widths of black and white, by the standard's own table."""

from __future__ import annotations

import re
from io import BytesIO

from pypdf import PdfReader

# Code 128 (ISO/IEC 15417): widths of the symbols 0 to 105.
SYMBOLS = [
    "212222",
    "222122",
    "222221",
    "121223",
    "121322",
    "131222",
    "122213",
    "122312",
    "132212",
    "221213",
    "221312",
    "231212",
    "112232",
    "122132",
    "122231",
    "113222",
    "123122",
    "123221",
    "223211",
    "221132",
    "221231",
    "213212",
    "223112",
    "312131",
    "311222",
    "321122",
    "321221",
    "312212",
    "322112",
    "322211",
    "212123",
    "212321",
    "232121",
    "111323",
    "131123",
    "131321",
    "112313",
    "132113",
    "132311",
    "211313",
    "231113",
    "231311",
    "112133",
    "112331",
    "132131",
    "113123",
    "113321",
    "133121",
    "313121",
    "211331",
    "231131",
    "213113",
    "213311",
    "213131",
    "311123",
    "311321",
    "331121",
    "312113",
    "312311",
    "332111",
    "314111",
    "221411",
    "431111",
    "111224",
    "111422",
    "121124",
    "121421",
    "141122",
    "141221",
    "112214",
    "112412",
    "122114",
    "122411",
    "142112",
    "142211",
    "241211",
    "221114",
    "413111",
    "241112",
    "134111",
    "111242",
    "121142",
    "121241",
    "114212",
    "124112",
    "124211",
    "411212",
    "421112",
    "421211",
    "212141",
    "214121",
    "412121",
    "111143",
    "111341",
    "131141",
    "114113",
    "114311",
    "411113",
    "411311",
    "113141",
    "114131",
    "311141",
    "411131",
    "211412",
    "211214",
    "211232",
]
STOP = "2331112"
CODE_C, CODE_B, CODE_A = 99, 100, 101
START = {103: CODE_A, 104: CODE_B, 105: CODE_C}
RECTANGLE = re.compile(r"([\d.]+) [-\d.]+ ([\d.]+) [-\d.]+ re")


def text_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(pdf)).pages)


def barcode_of(pdf: bytes, page: int = 0) -> str:
    """What the bars of a page say; the page has no other upright rectangles."""
    content = PdfReader(BytesIO(pdf)).pages[page].get_contents()
    assert content is not None
    drawn = [(float(x), float(width)) for x, width in RECTANGLE.findall(content.get_data().decode("latin-1"))]
    module = min(width for _, width in drawn)
    told, end = "", drawn[0][0]
    for x, width in drawn:
        if x > end:
            told += str(round((x - end) / module))
        told += str(round(width / module))
        end = x + width
    return decoded(told)


def decoded(widths: str) -> str:
    """Raises AssertionError for bars that no scanner would take."""
    assert widths.endswith(STOP), widths
    body = widths.removesuffix(STOP)
    values = [SYMBOLS.index(body[i : i + 6]) for i in range(0, len(body), 6)]
    start, *data, check = values
    assert check == (start + sum(n * value for n, value in enumerate(data, 1))) % 103
    code_set, said = START[start], ""
    for value in data:
        if value in (CODE_A, CODE_B, CODE_C) and not (code_set == CODE_C and value < CODE_B):
            code_set = value
        elif code_set == CODE_C:
            said += f"{value:02d}"
        else:
            said += chr(value + 32)
    return said
