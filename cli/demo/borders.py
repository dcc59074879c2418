"""What customs know the demo shop's goods by: headings of the Harmonized System 2022, and where each was made."""

from __future__ import annotations

# By category, the most exact counts: code, country of origin.
CUSTOMS: dict[str, tuple[str, str]] = {
    "Kitchen": ("691200", "PT"), "Kitchen > Baking": ("732399", "IT"), "Kitchen > Coffee": ("691200", "PT"),
    "Kitchen > Cooking": ("732392", "FR"), "Kitchen > Storage": ("701090", "DE"),
    "Kitchen > Textiles": ("630260", "PT"), "Kitchen > Tools": ("441990", "EE"), "Dining": ("691200", "PT"),
    "Dining > Glass": ("701337", "AT"),
    "Dining > Textiles": ("630259", "PT"), "Living": ("830629", "DK"), "Living > Floor": ("570500", "IN"),
    "Living > Furniture": ("940360", "EE"), "Living > Light": ("940529", "DK"), "Living > Scent": ("340600", "GB"),
    "Living > Storage": ("460219", "VN"), "Living > Textiles": ("630140", "PT"), "Bedroom": ("630231", "PT"),
    "Bedroom > Nightwear": ("620891", "PT"), "Bath": ("630260", "PT"), "Bath > Accessories": ("691390", "PT"),
    "Bath > Care": ("340130", "GB"), "Garden": ("820190", "GB"), "Garden > Birds": ("442199", "GB"),
    "Garden > Growing": ("120991", "NL"), "Garden > Outdoors": ("630690", "PT"), "Garden > Pots": ("691490", "IT"),
    "Children": ("950300", "EE"), "Children > Bedding": ("630231", "PT"), "Children > Clothes": ("611120", "PT"),
    "Study": ("482010", "FR"), "Gifts": ("481950", "FR"), "Gifts > Bags": ("420292", "PT"),
    "Gifts > Winter": ("611710", "GB"),
}  # fmt: skip
