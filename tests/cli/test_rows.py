"""Files as people have them: their own headings, semicolons, byte order marks, orders all over the file."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli import rows
from cli.rows import BadFile, Sheet, read_heading


def a_file(tmp_path: Path, text: str, *, encoding: str = "utf-8") -> Path:
    path = tmp_path / "theirs.csv"
    path.write_bytes(text.encode(encoding))
    return path


def looked_through(path: Path, kind: str, **more: dict[str, str]) -> Sheet:
    sheet = read_heading(path, kind, **more)
    sheet.look_through()
    return sheet


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters_marks_and_quoted_lines_are_understood(tmp_path: Path, delimiter: str) -> None:
    lines = [["Node", "SKU", "Quantity", "Reference"], ["LON", "MUG", "5", f'"a{delimiter}b\nc"'], ["", "", "", ""]]
    path = a_file(tmp_path, "\r\n".join(delimiter.join(line) for line in lines), encoding="utf-8-sig")
    sheet = looked_through(path, "stock")
    [batch] = sheet.batches()
    assert [(r.number, r.cells) for r in batch] == [
        (2, {"node": "LON", "sku": "MUG", "quantity": "5", "reference": f"a{delimiter}b\nc"})
    ]
    assert sheet.total == 1


def test_columns_are_renamed_left_out_and_added(tmp_path: Path) -> None:
    path = a_file(tmp_path, "Lineitem sku,Qty,Notes,error\nMUG,5,fragile,what was wrong\n")
    renamed = {"Lineitem sku": "sku", "Qty": "quantity", "Notes": ""}
    [[row]] = looked_through(path, "stock", renamed=renamed, constants={"node": "LON"}).batches()
    assert row.cells == {"node": "LON", "sku": "MUG", "quantity": "5"}


@pytest.mark.parametrize(
    ("text", "renamed", "sentence"),
    [
        ("", {}, "is empty. Its first row has to name the columns."),
        ("node,sku,amount\n", {}, "knows no column amount. Say what it is with --map amount=OURS, or leave it out with "
                                  "--map amount=. Known are: node, sku, quantity, bin, lot, status, reference."),
        ("node,sku\n", {}, "needs quantity. Say which column it is with --map THEIRS=quantity, or give one value for "
                           "all rows with --set quantity=VALUE."),
        ("node,sku,quantity,Qty\n", {"Qty": "quantity"}, "quantity is named 2 times."),
        ("node,sku,quantity\n", {"Qty": "quantity"}, "has no column Qty to map. It has: node, sku, quantity."),
    ],
)  # fmt: skip
def test_a_heading_that_cannot_be_used_is_told_with_what_to_do(
    tmp_path: Path, text: str, renamed: dict[str, str], sentence: str
) -> None:
    with pytest.raises(BadFile) as told:
        read_heading(a_file(tmp_path, text), "stock", renamed=renamed)
    assert sentence in str(told.value)


def test_what_is_no_utf_8_is_told_before_anything_is_sent(tmp_path: Path) -> None:
    path = a_file(tmp_path, "node,sku,quantity,reference\n" + "LON,MUG,5,Müller\n", encoding="latin-1")
    with pytest.raises(BadFile, match=r"is not UTF-8 .* Save it as `CSV UTF-8`"):
        looked_through(path, "stock")
    with pytest.raises(BadFile, match="cannot be read: No such file"):
        read_heading(tmp_path / "gone.csv", "stock")


def test_the_rows_of_an_order_travel_together_wherever_they_stand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "BATCH", {"orders": 4})
    heading = "order,channel,placed_at,currency,sku,quantity,unit_price\n"
    orders = ["A", "B", "A", "C", "B", "B", "D", "A", "E"]
    text = heading + "".join(f"{o},web,2025-01-01,EUR,S{i},1,1\n" for i, o in enumerate(orders))
    sheet = looked_through(a_file(tmp_path, text), "orders")
    batches = [[(r.cells["order"], r.number) for r in batch] for batch in sheet.batches()]
    assert batches == [
        [("C", 5), ("B", 3), ("B", 6), ("B", 7)],
        [("D", 8), ("A", 2), ("A", 4), ("A", 9)],
        [("E", 10)],
    ]


def test_kits_wait_until_their_parts_are_there(tmp_path: Path) -> None:
    text = "handle,sku,components\nset,SET,MUG=2\nmug,MUG,\n"
    batches = [
        [r.cells["sku"] for r in batch] for batch in looked_through(a_file(tmp_path, text), "products").batches()
    ]
    assert batches == [["MUG"], [], ["SET"]]


def test_a_row_with_too_many_cells_keeps_its_whole_order_out(tmp_path: Path) -> None:
    text = (
        "order,channel,placed_at,currency,sku,quantity,unit_price\n"
        "A,web,2025-01-01,EUR,MUG,1,1\nB,web,2025-01-01,EUR,MUG,1,1\nA,web,2025-01-01,EUR,TEE,1,1,50\n"
    )
    sheet = looked_through(a_file(tmp_path, text), "orders")
    assert [[r.number for r in batch] for batch in sheet.batches()] == [[3]]
    assert [r.number for r in sheet.ragged] == [2, 4]


def test_a_call_never_grows_beyond_what_its_body_may_have(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "MOST_LETTERS", 120)
    text = "email,name\n" + "".join(f"{n}@example.com,{'x' * 20}\n" for n in range(5))
    sheet = looked_through(a_file(tmp_path, text), "customers")
    assert [len(batch) for batch in sheet.batches()] == [2, 2, 1]
