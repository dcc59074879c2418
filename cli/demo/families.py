"""What Larch & Loom sells, a line a product: each comes in its colours and sizes."""

from __future__ import annotations

from typing import NamedTuple


class Family(NamedTuple):
    """A product. Prices are cents with tax, parcels millimetres; `sizes` are names with what they cost and weigh
    beside the first, in hundredths."""

    prefix: str
    title: str
    category: str
    parcel: tuple[int, int, int]
    cents: int
    grams: int
    colours: str = ""
    sizes: tuple[tuple[str, int], ...] = ()


_DUVET = (("single", 100), ("double", 130), ("king", 155))
_TWO = (("small", 100), ("large", 165))
_THREE = (("small", 100), ("medium", 135), ("large", 180))
_WEAR = (("S", 100), ("M", 100), ("L", 100), ("XL", 105))
_KIDS = (("2-3", 100), ("4-5", 105), ("6-7", 110))
_CUPS = (("3 cups", 100), ("8 cups", 135))
_LITRES = (("0.5 l", 100), ("1 l", 133), ("2 l", 177))
_FRAMES = (("A5", 100), ("A4", 137), ("A3", 189))
_RUGS = (("60 × 90", 100), ("120 × 180", 260), ("160 × 230", 430))
_CURTAINS = (("140 × 230", 100), ("140 × 280", 118))
_SQUARE = (("40 × 40", 100), ("50 × 50", 125))
_PILLOW = (("50 × 75", 100), ("80 × 80", 120))
_TOWEL = (("70 × 140", 100), ("100 × 150", 155))
_CANDLE = (("200 g", 100), ("400 g", 165))
_F = Family

FAMILIES = (
    _F("MUG", "Stoneware mug", "Kitchen > Mugs", (120, 90, 100), 1450, 380, "sage sand ink clay chalk moss rust"),
    _F("ESPRESSO", "Espresso cups, set of two", "Kitchen > Mugs", (160, 80, 70), 1800, 320, "white ink sage"),
    _F("ENAMEL-MUG", "Enamel mug", "Kitchen > Mugs", (120, 90, 85), 1100, 160),
    _F("LATTE", "Latte cup", "Kitchen > Mugs", (130, 110, 90), 1650, 420, "sand ink moss"),
    _F("TEACUP", "Teacup with saucer", "Kitchen > Mugs", (160, 160, 80), 2100, 460, "chalk sage"),
    _F("BOWL", "Breakfast bowl", "Kitchen > Bowls", (160, 160, 70), 1600, 450, "sage sand ink clay chalk moss"),
    _F("SERVING-BOWL", "Serving bowl", "Kitchen > Bowls", (280, 280, 110), 4200, 1450, "sand ink"),
    _F("MIXING", "Mixing bowl", "Kitchen > Bowls", (300, 300, 160), 2800, 980, "cream sage ink", _THREE),
    _F("PASTA", "Pasta plate", "Kitchen > Bowls", (240, 240, 50), 1900, 620, "sand ink sage clay chalk"),
    _F("PLATE", "Dinner plate", "Kitchen > Plates", (280, 280, 40), 1750, 710, "sand ink sage clay chalk moss"),
    _F("SIDE-PLATE", "Side plate", "Kitchen > Plates", (210, 210, 35), 1250, 420, "sand ink sage clay chalk moss"),
    _F("OVEN-DISH", "Oven dish", "Kitchen > Baking", (360, 240, 80), 3400, 1800, "cream ink", _TWO),
    _F("LOAF-TIN", "Loaf tin", "Kitchen > Baking", (300, 140, 90), 1900, 520),
    _F("BAKING-TRAY", "Baking tray", "Kitchen > Baking", (420, 320, 30), 2400, 1150),
    _F("ROLLING-PIN", "Beech rolling pin", "Kitchen > Baking", (460, 70, 70), 1800, 560),
    _F("SPOON", "Olive wood spoon", "Kitchen > Tools", (320, 60, 20), 950, 70, "", (("25 cm", 100), ("30 cm", 115))),
    _F("BOARD", "Chopping board", "Kitchen > Tools", (400, 280, 30), 2400, 800, "beech walnut", _TWO),
    _F("BREAD-KNIFE", "Bread knife", "Kitchen > Tools", (340, 50, 20), 3400, 210),
    _F("PARING", "Paring knife", "Kitchen > Tools", (220, 40, 20), 1900, 90, "beech walnut"),
    _F("CHEF", "Chef's knife", "Kitchen > Tools", (340, 60, 25), 5900, 260, "beech walnut"),
    _F("MILL", "Pepper mill", "Kitchen > Tools", (180, 60, 60), 3600, 340, "walnut beech"),
    _F("GRATER", "Fine grater", "Kitchen > Tools", (320, 60, 30), 1600, 130),
    _F("WHISK", "Balloon whisk", "Kitchen > Tools", (300, 80, 80), 1400, 120),
    _F("TOWEL", "Linen tea towel", "Kitchen > Textiles", (240, 160, 15), 1200, 110,
       "stripe check sage sand ink rust moss"),
    _F("GLOVE", "Oven glove", "Kitchen > Textiles", (320, 180, 30), 1700, 180, "ink sage sand"),
    _F("APRON", "Cotton apron", "Kitchen > Textiles", (300, 240, 30), 3200, 360, "sand ink moss rust stripe"),
    _F("JAR", "Glass storage jar", "Kitchen > Storage", (120, 120, 180), 900, 420, "", _LITRES),
    _F("SPICE-JARS", "Spice jars, set of six", "Kitchen > Storage", (240, 160, 90), 2200, 1100),
    _F("BUTTER", "Butter dish", "Kitchen > Storage", (190, 120, 80), 2600, 700, "sage sand"),
    _F("BREAD-BIN", "Bread bin", "Kitchen > Storage", (380, 220, 200), 5400, 2600, "cream ink"),
    _F("FRUIT-BOWL", "Wire fruit bowl", "Kitchen > Storage", (320, 320, 140), 3100, 640),
    _F("DRIPPER", "Coffee dripper", "Kitchen > Coffee", (140, 120, 110), 2200, 420, "sand ink"),
    _F("PRESS", "French press", "Kitchen > Coffee", (180, 130, 240), 3400, 650, "", _CUPS),
    _F("MOKA", "Stove espresso maker", "Kitchen > Coffee", (180, 120, 200), 3200, 580, "", _CUPS),
    _F("GRINDER", "Hand coffee grinder", "Kitchen > Coffee", (220, 90, 90), 6400, 640),
    _F("KETTLE", "Stove kettle", "Kitchen > Coffee", (240, 220, 230), 6900, 1300, "steel ink"),
    _F("TEAPOT", "Teapot", "Kitchen > Coffee", (230, 150, 150), 4400, 980, "sand ink sage"),
    _F("RUNNER", "Table runner", "Dining > Textiles", (320, 240, 25), 3900, 340, "natural sage clay"),
    _F("NAPKIN", "Linen napkins, set of four", "Dining > Textiles", (240, 240, 30), 3400, 280,
       "sage clay sand ink rust moss"),
    _F("TABLECLOTH", "Linen tablecloth", "Dining > Textiles", (360, 300, 50), 7900, 820,
       "natural sage chalk ink", _TWO),
    _F("PLACEMAT", "Placemats, set of four", "Dining > Textiles", (460, 340, 25), 2900, 480, "sand ink moss rust clay"),
    _F("TUMBLERS", "Tumblers, set of four", "Dining > Glass", (220, 220, 110), 2900, 1250, "clear smoke"),
    _F("WINE", "Wine glasses, set of four", "Dining > Glass", (260, 260, 220), 4400, 1100, "clear smoke"),
    _F("CARAFE", "Carafe", "Dining > Glass", (110, 110, 290), 3200, 760, "clear smoke"),
    _F("JUG", "Water jug", "Dining > Glass", (180, 140, 240), 3600, 940),
    _F("CAKE-STAND", "Marble cake stand", "Dining > Table", (300, 300, 130), 5900, 3400),
    _F("CUTLERY", "Cutlery, 16 pieces", "Dining > Table", (300, 200, 60), 8900, 1600, "steel brass ink"),
    _F("SALT-CELLAR", "Salt cellar", "Dining > Table", (90, 90, 70), 1500, 260, "sand ink"),
    _F("TRAY", "Ash serving tray", "Dining > Table", (460, 320, 50), 4600, 1200, "", _TWO),
    _F("COASTERS", "Cork coasters, set of six", "Dining > Table", (110, 110, 50), 1300, 150),
    _F("THROW", "Wool throw", "Living > Textiles", (420, 320, 100), 8900, 1150, "sand moss clay ink rust grey"),
    _F("CUSHION", "Cushion cover", "Living > Textiles", (300, 240, 25), 2800, 260,
       "sand moss clay ink rust chalk sage", _SQUARE),
    _F("BOLSTER", "Velvet bolster", "Living > Textiles", (520, 220, 200), 4400, 720, "rust moss"),
    _F("CURTAIN", "Linen curtain", "Living > Textiles", (420, 340, 80), 6900, 1400, "chalk sand sage ink", _CURTAINS),
    _F("BASKET", "Seagrass basket", "Living > Storage", (380, 380, 340), 2400, 500, "", _THREE),
    _F("CRATE", "Larch crate", "Living > Storage", (400, 300, 220), 3200, 1500, "", _TWO),
    _F("HOOKS", "Wall hooks, set of three", "Living > Storage", (140, 100, 50), 1900, 240, "brass black"),
    _F("VASE", "Tall vase", "Living > Decoration", (160, 160, 340), 4900, 1650, "sand ink"),
    _F("BUD-VASE", "Bud vase", "Living > Decoration", (90, 90, 150), 1800, 340, "sand sage ink clay"),
    _F("FRAME", "Picture frame", "Living > Decoration", (360, 270, 30), 1900, 480, "oak black brass walnut", _FRAMES),
    _F("MIRROR", "Round mirror", "Living > Decoration", (620, 620, 60), 9900, 4200, "oak black"),
    _F("WALL-CLOCK", "Wall clock", "Living > Decoration", (320, 320, 60), 5900, 900, "ash black"),
    _F("CANDLESTICK", "Candlestick", "Living > Decoration", (90, 90, 160), 2400, 380, "brass black"),
    _F("FLOOR-LAMP", "Floor lamp", "Living > Light", (900, 300, 260), 15900, 4900, "brass black"),
    _F("TABLE-LAMP", "Table lamp", "Living > Light", (360, 280, 280), 8900, 1900, "sand ink brass"),
    _F("PENDANT", "Pendant light", "Living > Light", (380, 380, 240), 7400, 1300, "chalk ink sage"),
    _F("LANTERN", "Storm lantern", "Living > Light", (240, 180, 320), 4200, 1200, "zinc black"),
    _F("DOORMAT", "Coir doormat", "Living > Floor", (620, 420, 60), 2900, 2100, "natural stripe"),
    _F("JUTE-RUG", "Jute rug", "Living > Floor", (900, 220, 220), 4900, 2600, "natural ink", _RUGS),
    _F("WOOL-RUG", "Wool rug", "Living > Floor", (900, 240, 240), 8900, 3600, "sand moss rust", _RUGS),
    _F("CANDLE", "Soy candle", "Living > Scent", (90, 90, 100), 2200, 420, "fig cedar linen orange", _CANDLE),
    _F("DIFFUSER", "Reed diffuser", "Living > Scent", (90, 90, 260), 2900, 380, "fig cedar"),
    _F("TAPERS", "Dinner candles, set of six", "Living > Scent", (260, 120, 30), 1400, 320, "chalk sage rust ink"),
    _F("DUVET", "Linen duvet cover", "Bedroom > Bedding", (380, 300, 90), 11900, 1500,
       "chalk sage clay ink sand rust", _DUVET),
    _F("SHEET", "Fitted sheet", "Bedroom > Bedding", (340, 280, 60), 5900, 900, "chalk sand sage ink", _DUVET),
    _F("PILLOWCASE", "Linen pillowcase", "Bedroom > Bedding", (280, 220, 25), 2900, 240,
       "chalk sage clay ink sand rust", _PILLOW),
    _F("PILLOW", "Feather pillow", "Bedroom > Bedding", (520, 380, 180), 4900, 950),
    _F("WINTER-DUVET", "Down duvet", "Bedroom > Bedding", (620, 420, 240), 16900, 1900, "", _DUVET),
    _F("BLANKET", "Cotton blanket", "Bedroom > Bedding", (420, 340, 100), 7400, 1300, "chalk moss rust", _TWO),
    _F("PYJAMAS", "Flannel pyjamas", "Bedroom > Nightwear", (320, 260, 60), 6900, 540, "stripe check", _WEAR),
    _F("ROBE", "Waffle robe", "Bedroom > Nightwear", (380, 300, 90), 7900, 980, "chalk sage ink sand", _WEAR),
    _F("SLIPPERS", "Felt slippers", "Bedroom > Nightwear", (300, 200, 100), 4400, 420, "grey moss",
       (("36-38", 100), ("39-41", 100), ("42-44", 100))),
    _F("BATH", "Bath towel", "Bath > Textiles", (340, 280, 90), 2900, 620, "white sage sand ink rust", _TOWEL),
    _F("HAND-TOWEL", "Hand towel", "Bath > Textiles", (280, 200, 50), 1500, 280, "white sage sand ink rust"),
    _F("BATH-MAT", "Bath mat", "Bath > Textiles", (420, 320, 60), 3200, 900, "white sage sand ink rust"),
    _F("SHOWER", "Shower curtain", "Bath > Textiles", (320, 260, 40), 3900, 720, "white stripe"),
    _F("OLIVE-SOAP", "Olive oil soap", "Bath > Care", (80, 60, 35), 650, 110),
    _F("HAND-WASH", "Hand wash", "Bath > Care", (80, 80, 180), 1400, 560, "fig cedar orange"),
    _F("BATH-SALTS", "Bath salts", "Bath > Care", (110, 110, 120), 1900, 640, "cedar orange"),
    _F("BATH-BRUSH", "Bath brush", "Bath > Care", (420, 80, 50), 1800, 190),
    _F("SOAP-DISH", "Soap dish", "Bath > Accessories", (140, 100, 30), 1500, 280, "sand ink"),
    _F("TUMBLER", "Toothbrush tumbler", "Bath > Accessories", (90, 90, 110), 1400, 260, "sand ink"),
    _F("LAUNDRY", "Laundry basket", "Bath > Accessories", (440, 440, 560), 6400, 2300, "natural chalk"),
    _F("BATH-STOOL", "Teak stool", "Bath > Accessories", (360, 300, 440), 8900, 3200),
    _F("CAN", "Watering can", "Garden > Tools", (400, 180, 300), 4200, 1100, "zinc moss"),
    _F("TROWEL", "Hand trowel", "Garden > Tools", (320, 80, 50), 1900, 260),
    _F("SECATEURS", "Secateurs", "Garden > Tools", (240, 80, 30), 3400, 280),
    _F("GARDEN-GLOVES", "Garden gloves", "Garden > Tools", (260, 140, 30), 1600, 120, "", (("S", 100), ("L", 100))),
    _F("PLANTER", "Clay planter", "Garden > Pots", (260, 260, 240), 1800, 1400, "clay chalk moss", _THREE),
    _F("HANGING-POT", "Hanging pot", "Garden > Pots", (220, 220, 180), 2400, 780, "chalk moss"),
    _F("SEED-BOX", "Seed box", "Garden > Growing", (280, 200, 120), 2900, 900),
    _F("TWINE", "Garden twine", "Garden > Growing", (90, 90, 110), 700, 160, "natural moss"),
    _F("BIRD-FEEDER", "Bird feeder", "Garden > Birds", (240, 180, 180), 3600, 850, "larch zinc"),
    _F("NEST-BOX", "Nest box", "Garden > Birds", (260, 180, 180), 3900, 1400),
    _F("PICNIC", "Picnic blanket", "Garden > Outdoors", (420, 320, 110), 5900, 1500, "check stripe"),
    _F("DECKCHAIR", "Deck chair", "Garden > Outdoors", (1050, 620, 80), 11900, 5200, "stripe sand"),
    _F("KIDS-PYJAMAS", "Children's pyjamas", "Children > Clothes", (280, 220, 40), 3900, 280, "stripe moss", _KIDS),
    _F("KIDS-APRON", "Children's apron", "Children > Clothes", (260, 200, 25), 1900, 160, "sand rust"),
    _F("BLOCKS", "Beech building blocks", "Children > Toys", (260, 200, 80), 3400, 1400),
    _F("ANIMALS", "Wooden animals", "Children > Toys", (200, 140, 60), 2200, 320, "forest farm"),
    _F("PLAY-TENT", "Play tent", "Children > Toys", (1100, 180, 160), 8900, 3400, "stripe sand"),
    _F("KIDS-QUILT", "Children's quilt", "Children > Bedding", (380, 320, 100), 6900, 900, "forest stripe"),
    _F("EGG-CUP", "Egg cup", "Kitchen > Bowls", (70, 70, 70), 750, 90, "sand ink sage clay"),
    _F("RAMEKIN", "Ramekins, set of four", "Kitchen > Baking", (200, 200, 60), 1900, 760, "cream ink"),
    _F("CASSEROLE", "Cast iron casserole", "Kitchen > Cooking", (320, 260, 180), 13900, 4800, "ink moss rust", _TWO),
    _F("FRYING-PAN", "Carbon steel pan", "Kitchen > Cooking", (460, 280, 60), 5400, 1900, "",
       (("24 cm", 100), ("28 cm", 120))),
    _F("SAUCEPAN", "Saucepan with lid", "Kitchen > Cooking", (380, 200, 140), 6400, 1600, "", _TWO),
    _F("COLANDER", "Enamel colander", "Kitchen > Cooking", (280, 260, 130), 2900, 720, "cream ink"),
    _F("STOOL", "Oak stool", "Living > Furniture", (400, 400, 460), 12900, 4600, "oak black"),
    _F("SIDE-TABLE", "Side table", "Living > Furniture", (520, 520, 120), 18900, 7200, "oak walnut black"),
    _F("WALL-SHELF", "Wall shelf", "Living > Furniture", (820, 240, 60), 6900, 2800, "oak walnut black",
       (("60 cm", 100), ("90 cm", 135))),
    _F("COAT-RACK", "Coat rack", "Living > Furniture", (860, 140, 80), 7900, 2300, "oak black"),
    _F("SOCKS", "Wool socks", "Bedroom > Nightwear", (200, 120, 40), 1900, 110, "sand moss rust grey",
       (("36-40", 100), ("41-45", 100))),
    _F("HOT-WATER", "Hot water bottle", "Bedroom > Nightwear", (340, 220, 60), 3400, 520, "chalk moss rust"),
    _F("SACHETS", "Lavender sachets, set of three", "Bedroom > Bedding", (160, 120, 30), 1400, 90),
    _F("WREATH", "Larch wreath", "Gifts > Winter", (420, 420, 120), 4400, 780),
    _F("BAUBLES", "Glass baubles, set of six", "Gifts > Winter", (240, 160, 80), 2900, 360, "clear smoke rust"),
    _F("ADVENT", "Advent calendar", "Gifts > Winter", (420, 320, 40), 3900, 620),
    _F("STOCKING", "Wool stocking", "Gifts > Winter", (420, 260, 30), 2900, 220, "rust moss"),
    _F("GIFT-WRAP", "Gift wrap, three sheets", "Gifts > Paper", (720, 60, 60), 900, 140, "stripe forest"),
    _F("CARDS", "Cards, set of eight", "Gifts > Paper", (180, 130, 20), 1200, 130, "birds leaves"),
    _F("TOTE", "Canvas tote", "Gifts > Bags", (380, 300, 30), 2400, 320, "sand ink moss"),
    _F("NOTEBOOK", "Cloth notebook", "Study > Paper", (220, 160, 20), 1600, 340,
       "ink sage rust sand", (("A6", 75), ("A5", 100))),
    _F("PLANNER", "Desk planner", "Study > Paper", (300, 220, 15), 1900, 380),
    _F("PEN-POT", "Pen pot", "Study > Desk", (90, 90, 110), 1500, 320, "sand ink walnut"),
    _F("DESK-LAMP", "Desk lamp", "Study > Desk", (420, 220, 200), 9900, 2100, "brass black sage"),
    _F("LETTER-TRAY", "Letter tray", "Study > Desk", (340, 260, 80), 3400, 1100, "oak walnut"),
    _F("BOOKENDS", "Bookends", "Study > Desk", (180, 140, 140), 3900, 2400, "oak black"),
)  # fmt: skip
