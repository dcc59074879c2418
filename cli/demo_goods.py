"""What the demo shop sells, where it lies and who buys it: Larch & Loom, a made-up shop for the home."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

BRAND = "Larch & Loom"
TAX_PPM = 200_000  # 20 %, in the price

# handle, title, category, parcels' sizes in mm, [(SKU, option, EUR cents, GBP pence, grams)]
_Sold = tuple[str, str, int, int, int]
_GOODS: tuple[tuple[str, str, str, tuple[int, int, int], tuple[_Sold, ...]], ...] = (
    ("stoneware-mug", "Stoneware mug", "Kitchen > Mugs", (120, 90, 100),
     (("MUG-SAGE", "sage", 1450, 1250, 380), ("MUG-SAND", "sand", 1450, 1250, 380),
      ("MUG-INK", "ink", 1450, 1250, 380), ("MUG-CLAY", "clay", 1450, 1250, 380))),
    ("espresso-cups", "Espresso cups, set of two", "Kitchen > Mugs", (160, 80, 70),
     (("ESPRESSO-WHITE", "white", 1800, 1550, 320), ("ESPRESSO-INK", "ink", 1800, 1550, 320))),
    ("enamel-mug", "Enamel mug", "Kitchen > Mugs", (120, 90, 85), (("ENAMEL-MUG", "cream", 1100, 950, 160),)),
    ("breakfast-bowl", "Breakfast bowl", "Kitchen > Bowls", (160, 160, 70),
     (("BOWL-SAGE", "sage", 1600, 1400, 450), ("BOWL-SAND", "sand", 1600, 1400, 450))),
    ("serving-bowl", "Serving bowl", "Kitchen > Bowls", (280, 280, 110), (("SERVING-BOWL", "sand", 4200, 3650, 1450),)),
    ("pasta-plate", "Pasta plate", "Kitchen > Bowls", (240, 240, 50),
     (("PASTA-SAND", "sand", 1900, 1650, 620), ("PASTA-INK", "ink", 1900, 1650, 620))),
    ("olive-spoon", "Olive wood spoon", "Kitchen > Tools", (320, 60, 20), (("OLIVE-SPOON", "30 cm", 950, 800, 70),)),
    ("beech-board", "Beech chopping board", "Kitchen > Tools", (400, 280, 30),
     (("BOARD-S", "small", 2400, 2100, 800), ("BOARD-L", "large", 3900, 3400, 1900))),
    ("bread-knife", "Bread knife", "Kitchen > Tools", (340, 50, 20), (("BREAD-KNIFE", "23 cm", 3400, 2950, 210),)),
    ("pepper-mill", "Pepper mill", "Kitchen > Tools", (180, 60, 60), (("PEPPER-MILL", "walnut", 3600, 3100, 340),)),
    ("tea-towel", "Linen tea towel", "Kitchen > Textiles", (240, 160, 15),
     (("TOWEL-STRIPE", "stripe", 1200, 1000, 110), ("TOWEL-CHECK", "check", 1200, 1000, 110))),
    ("oven-glove", "Oven glove", "Kitchen > Textiles", (320, 180, 30), (("OVEN-GLOVE", "ink", 1700, 1450, 180),)),
    ("apron", "Cotton apron", "Kitchen > Textiles", (300, 240, 30),
     (("APRON-SAND", "sand", 3200, 2800, 360), ("APRON-INK", "ink", 3200, 2800, 360))),
    ("storage-jar", "Glass storage jar", "Kitchen > Storage", (120, 120, 180),
     (("JAR-05", "0.5 l", 900, 780, 420), ("JAR-10", "1 l", 1200, 1050, 640), ("JAR-20", "2 l", 1600, 1400, 980))),
    ("butter-dish", "Butter dish", "Kitchen > Storage", (190, 120, 80), (("BUTTER-DISH", "sage", 2600, 2250, 700),)),
    ("bread-bin", "Bread bin", "Kitchen > Storage", (380, 220, 200), (("BREAD-BIN", "cream", 5400, 4700, 2600),)),
    ("coffee-dripper", "Coffee dripper", "Kitchen > Coffee", (140, 120, 110), (("DRIPPER", "sand", 2200, 1900, 420),)),
    ("french-press", "French press", "Kitchen > Coffee", (180, 130, 240),
     (("PRESS-3", "3 cups", 3400, 2950, 650), ("PRESS-8", "8 cups", 4600, 4000, 920))),
    ("stove-kettle", "Stove kettle", "Kitchen > Coffee", (240, 220, 230), (("KETTLE", "steel", 6900, 5950, 1300),)),
    ("table-runner", "Table runner", "Dining > Textiles", (320, 240, 25), (("RUNNER", "natural", 3900, 3400, 340),)),
    ("napkins", "Linen napkins, set of four", "Dining > Textiles", (240, 240, 30),
     (("NAPKIN-SAGE", "sage", 3400, 2950, 280), ("NAPKIN-CLAY", "clay", 3400, 2950, 280))),
    ("tumblers", "Tumblers, set of four", "Dining > Glass", (220, 220, 110),
     (("TUMBLERS", "clear", 2900, 2500, 1250),)),
    ("carafe", "Carafe", "Dining > Glass", (110, 110, 290), (("CARAFE", "1 l", 3200, 2800, 760),)),
    ("cake-stand", "Cake stand", "Dining > Table", (300, 300, 130), (("CAKE-STAND", "marble", 5900, 5100, 3400),)),
    ("wool-throw", "Wool throw", "Living > Textiles", (420, 320, 100),
     (("THROW-SAND", "sand", 8900, 7700, 1150), ("THROW-MOSS", "moss", 8900, 7700, 1150))),
    ("cushion-cover", "Cushion cover", "Living > Textiles", (300, 240, 25),
     (("CUSHION-SAND", "sand", 2800, 2400, 260), ("CUSHION-MOSS", "moss", 2800, 2400, 260),
      ("CUSHION-CLAY", "clay", 2800, 2400, 260))),
    ("seagrass-basket", "Seagrass basket", "Living > Storage", (380, 380, 340),
     (("BASKET-S", "small", 2400, 2100, 500), ("BASKET-L", "large", 4400, 3800, 1200))),
    ("tall-vase", "Tall vase", "Living > Decoration", (160, 160, 340), (("VASE-TALL", "sand", 4900, 4250, 1650),)),
    ("picture-frame", "Oak picture frame", "Living > Decoration", (360, 270, 30),
     (("FRAME-A5", "A5", 1900, 1650, 480), ("FRAME-A4", "A4", 2600, 2250, 760))),
    ("wall-clock", "Wall clock", "Living > Decoration", (320, 320, 60), (("WALL-CLOCK", "ash", 5900, 5100, 900),)),
    ("floor-lamp", "Floor lamp", "Living > Light", (900, 300, 260), (("FLOOR-LAMP", "brass", 15900, 13800, 4900),)),
    ("doormat", "Coir doormat", "Living > Floor", (620, 420, 60), (("DOORMAT", "natural", 2900, 2500, 2100),)),
    ("bath-towel", "Bath towel", "Bath > Textiles", (340, 280, 90),
     (("BATH-WHITE", "white", 2900, 2500, 620), ("BATH-SAGE", "sage", 2900, 2500, 620))),
    ("bath-mat", "Bath mat", "Bath > Textiles", (420, 320, 60), (("BATH-MAT", "white", 3200, 2800, 900),)),
    ("olive-soap", "Olive oil soap", "Bath > Care", (80, 60, 35), (("OLIVE-SOAP", "100 g", 650, 550, 110),)),
    ("bath-brush", "Bath brush", "Bath > Care", (420, 80, 50), (("BATH-BRUSH", "beech", 1800, 1550, 190),)),
    ("soy-candle", "Soy candle", "Living > Scent", (90, 90, 100),
     (("CANDLE-FIG", "fig", 2200, 1900, 420), ("CANDLE-CEDAR", "cedar", 2200, 1900, 420))),
    ("watering-can", "Watering can", "Garden > Tools", (400, 180, 300), (("WATERING-CAN", "zinc", 4200, 3650, 1100),)),
    ("planter", "Clay planter", "Garden > Pots", (260, 260, 240),
     (("PLANTER-S", "small", 1800, 1550, 1400), ("PLANTER-L", "large", 3400, 2950, 3600))),
    ("bird-feeder", "Bird feeder", "Garden > Birds", (240, 180, 180), (("BIRD-FEEDER", "larch", 3600, 3100, 850),)),
    ("breakfast-for-two", "Breakfast for two", "Gifts", (360, 300, 200), (("BREAKFAST-2", "sage", 6400, 5500, 2500),)),
)  # fmt: skip

KIT = "BREAKFAST-2"
KIT_PARTS = {"MUG-SAGE": 2, "BOWL-SAGE": 2, "JAR-05": 1}
LOTS = {"OLIVE-SOAP": ("L2608", "L2610")}  # two batches on the shelf
BACKORDERED = "FLOOR-LAMP"  # three in the house, twenty-five may be promised
SOLD_OUT = "WALL-CLOCK"
ONLY_AT = {"KETTLE": "LON", "VASE-TALL": "BER", BACKORDERED: "RTM"}  # both of the first two: a split order

# code, name, time zone, rank, city, postcode, country
NODES = (
    ("LON", "London", "Europe/London", 10, "12 Wharf Road", "London", "E3 3AA", "GB"),
    ("RTM", "Rotterdam", "Europe/Amsterdam", 20, "Waalhaven 88", "Rotterdam", "3087 BM", "NL"),
    ("BER", "Berlin", "Europe/Berlin", 30, "Am Speicher 5", "Berlin", "10245", "DE"),
)
ZONES = (("A", "Small things", 1), ("B", "Textiles and large things", 2), ("R", "Reserve", 3))
BINS = (
    *((f"A-{n:02d}", "A", "pick_face", n) for n in range(1, 9)),
    *((f"B-{n:02d}", "B", "pick_face", n) for n in range(1, 5)),
    *((f"R-{n:02d}", "R", "reserve", n) for n in range(1, 3)),
)
"""code, zone, type, place in the pick path"""


@dataclass(frozen=True)
class Buyer:
    name: str
    line1: str
    city: str
    postcode: str
    country: str

    @property
    def email(self) -> str:
        return ".".join(self.name.lower().split()).translate(str.maketrans("äöüéß", "aoues")) + "@example.com"

    @property
    def address(self) -> dict[str, str]:
        return {
            "name": self.name,
            "line1": self.line1,
            "city": self.city,
            "postcode": self.postcode,
            "country": self.country,
        }

    @property
    def currency(self) -> str:
        return "GBP" if self.country == "GB" else "EUR"


BUYERS = (
    Buyer("Ada Kingsley", "12 Mill Lane", "York", "YO1 7EP", "GB"),
    Buyer("Tom Birch", "4 Harbour View", "Bristol", "BS1 5TY", "GB"),
    Buyer("Priya Shah", "88 Canal Street", "Manchester", "M1 3HE", "GB"),
    Buyer("Owen Pryce", "3 Castle Terrace", "Cardiff", "CF10 1BH", "GB"),
    Buyer("Fiona Reid", "21 Meadow Place", "Edinburgh", "EH9 1JZ", "GB"),
    Buyer("Grace Adeyemi", "7 Orchard Close", "London", "SE15 4NX", "GB"),
    Buyer("Daniel Hart", "56 Station Road", "Leeds", "LS6 3HN", "GB"),
    Buyer("Maud de Vries", "Prinsengracht 210", "Amsterdam", "1016 HD", "NL"),
    Buyer("Joost Bakker", "Oudegracht 44", "Utrecht", "3511 AR", "NL"),
    Buyer("Sanne Visser", "Markt 9", "Delft", "2611 GP", "NL"),
    Buyer("Lena Vogt", "Kastanienallee 31", "Berlin", "10435", "DE"),
    Buyer("Jonas Keller", "Lindenweg 8", "Hamburg", "22301", "DE"),
    Buyer("Miriam Schäfer", "Talstraße 15", "München", "80331", "DE"),
    Buyer("Paul Brandt", "Am Ring 2", "Köln", "50667", "DE"),
    Buyer("Camille Moreau", "14 rue des Lilas", "Lyon", "69003", "FR"),
    Buyer("Hugo Lefort", "6 quai du Port", "Nantes", "44000", "FR"),
    Buyer("Ines Carvalho", "Rua da Rosa 71", "Lisboa", "1200-383", "PT"),
    Buyer("Eva Lindholm", "Storgatan 5", "Uppsala", "753 31", "SE"),
    Buyer("Aoife Byrne", "18 Quay Street", "Galway", "H91 X2K4", "IE"),
    Buyer("Marco Bellini", "Via Verdi 22", "Torino", "10124", "IT"),
)


@dataclass(frozen=True)
class Good:
    sku: str
    title: str
    category: str
    prices: dict[str, int] = field(hash=False)


def products() -> list[tuple[str, dict[str, Any]]]:
    """(handle, body) for `PUT /products/{handle}`, kits last: their parts come before them."""
    return [(handle, _product(title, category, size, sold)) for handle, title, category, size, sold in _GOODS]


def _product(title: str, category: str, size: tuple[int, int, int], sold: tuple[_Sold, ...]) -> dict[str, Any]:
    return {
        "title": title,
        "brand": BRAND,
        "category": f"Home > {category}",
        "attributes": {"demo": True},
        "variants": [_variant(title, size, one, several=len(sold) > 1) for one in sold],
    }


def _variant(title: str, size: tuple[int, int, int], one: _Sold, *, several: bool) -> dict[str, Any]:
    sku, option, eur, gbp, grams = one
    return {
        "sku": sku,
        "title": f"{title}, {option}" if several else title,
        "options": {"kind": option},
        "weight_grams": grams,
        "length_mm": size[0],
        "width_mm": size[1],
        "height_mm": size[2],
        "cost_amount": eur * 42 // 100,
        "cost_currency": "EUR",
        "tax_rate_ppm": TAX_PPM,
        "tracking": "lot" if sku in LOTS else "none",
        "backorder_limit": 25 if sku == BACKORDERED else 0,
        "prices": {"EUR": eur, "GBP": gbp},
        "components": KIT_PARTS if sku == KIT else {},
    }


def goods() -> list[Good]:
    """Every SKU that has stock of its own, in the order of the catalogue."""
    return [
        Good(v["sku"], v["title"], body["category"], v["prices"])
        for _, body in products()
        for v in body["variants"]
        if v["sku"] != KIT
    ]
