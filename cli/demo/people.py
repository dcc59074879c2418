"""Who buys at the demo shop: people in twelve countries, who come back more or less often."""

from __future__ import annotations

import random
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from cli.demo.stamps import Stamps

# country, share of the orders, first names, last names, streets, (city, postcode)
_COUNTRIES: tuple[tuple[str, int, str, str, str, str], ...] = (
    ("GB", 46, "Ada Tom Priya Owen Fiona Grace Daniel Amelia Harry Zainab Callum Isla Joseph Megan Rhys Nadia George "
     "Eleanor Samir Hannah Lewis Ruth Dominic Freya Alasdair Poppy Imran Beth Victor Maisie",
     "Kingsley Birch Shah Pryce Reid Adeyemi Hart Whitlock Hughes Ahmed Fraser Nowak Ellis Marsh Okafor Turner "
     "Sutcliffe Patel Bennett Craig Dyer Lovell Morgan Khan Pearce Rowe Stone Walsh Yates Holt",
     "Mill Lane|Harbour View|Canal Street|Castle Terrace|Meadow Place|Orchard Close|Station Road|Church Walk|"
     "Bridge Street|Park Avenue|Victoria Road|Quarry Hill",
     "York YO1 7EP|Bristol BS1 5TY|Manchester M1 3HE|Cardiff CF10 1BH|Edinburgh EH9 1JZ|London SE15 4NX|Leeds LS6 3HN|"
     "Glasgow G12 8QQ|Norwich NR2 1TF|Sheffield S7 1FE|Brighton BN1 4GH|London N16 8JN|Bath BA1 2QH|Belfast BT7 1NN"),
    ("NL", 15, "Maud Joost Sanne Daan Fleur Bram Lotte Sem Noor Thijs Eva Ruben Iris Koen Femke Jasper",
     "de_Vries Bakker Visser Jansen Mulder Smit Meijer de_Boer Bos Vos Peters Hendriks van_Dijk Dekker",
     "Prinsengracht|Oudegracht|Markt|Kerkstraat|Molenweg|Havenkade|Lindelaan|Dorpsstraat",
     "Amsterdam 1016 HD|Utrecht 3511 AR|Delft 2611 GP|Rotterdam 3012 KL|Haarlem 2011 RD|Groningen 9711 LM"),
    ("DE", 13, "Lena Jonas Miriam Paul Clara Felix Greta Moritz Johanna Emil Frieda Anton Nele Jakob Marlene Oskar",
     "Vogt Keller Schäfer Brandt Winkler Lorenz Krüger Albrecht Seidel Busch Pohl Ritter Sommer Ziegler Böhm",
     "Kastanienallee|Lindenweg|Talstraße|Am Ring|Gartenstraße|Mühlenweg|Schillerstraße|Bergstraße",
     "Berlin 10435|Hamburg 22301|München 80331|Köln 50667|Leipzig 04109|Bremen 28195|Freiburg 79098"),
    ("FR", 8, "Camille Hugo Léa Jules Manon Louis Chloé Arthur Inès Gabriel Zoé Raphaël",
     "Moreau Lefort Girard Roux Fontaine Chevalier Perrin Morel Blanchard Lemoine",
     "rue des Lilas|quai du Port|avenue Foch|rue Pasteur|place du Marché",
     "Lyon 69003|Nantes 44000|Lille 59000|Bordeaux 33000|Strasbourg 67000"),
    ("IE", 4, "Aoife Cian Niamh Oisín Saoirse Conor Róisín Fionn", "Byrne Doyle Kelleher Nolan Quinn Brennan",
     "Quay Street|Abbey Road|Main Street", "Galway H91 X2K4|Dublin D08 VF8H|Cork T12 W8KP"),
    ("SE", 4, "Eva Elsa Nils Maja Axel Alva Lars", "Lindholm Ek Berglund Sjöberg Nyström Holm", "Storgatan|Ekvägen",
     "Uppsala 753 31|Göteborg 411 08|Malmö 211 22"),
    ("BE", 3, "Lotte Arne Julie Wout Elise", "Peeters Claes Maes Wouters", "Kerkstraat|Nieuwstraat",
     "Gent 9000|Antwerpen 2000"),
    ("AT", 2, "Anna Lukas Theresa Maximilian", "Gruber Steiner Moser Wagner", "Hauptstraße|Ringgasse",
     "Wien 1070|Graz 8010"),
    ("FI", 2, "Aino Eero Helmi Onni", "Virtanen Korhonen Nieminen Laine", "Mannerheimintie|Koskikatu",
     "Helsinki 00100|Tampere 33100"),
    ("PT", 1, "Inês João Marta Tiago", "Carvalho Sousa Ferreira", "Rua da Rosa|Rua Nova",
     "Lisboa 1200-383|Porto 4000-322"),
    ("IT", 1, "Marco Giulia Luca Chiara", "Bellini Conti Ferrari", "Via Verdi|Via Roma", "Torino 10124|Milano 20121"),
    ("DK", 1, "Freja Mads Ida Rasmus", "Holm Lund Bech", "Nygade|Søndergade", "Aarhus 8000|København 2200"),
)  # fmt: skip
_SHARES = [row[1] for row in _COUNTRIES]


@dataclass(slots=True)
class Shopper:
    id: UUID
    email: str
    name: str
    address: dict[str, str]
    since: datetime
    kind: str = "standard"  # the customer's class
    orders: int = 0

    @property
    def currency(self) -> str:
        return "GBP" if self.address["country"] == "GB" else "EUR"


class Crowd:
    """Everybody who has bought so far. Whoever bought often is the likelier to come again."""

    def __init__(self, rng: random.Random, stamps: Stamps) -> None:
        self._rng, self._stamps = rng, stamps
        self.people: list[Shopper] = []
        self._visits: list[Shopper] = []  # one entry an order
        self._names: dict[str, int] = {}

    def somebody(self, at: datetime, *, returning: float) -> Shopper:
        """Who orders now: with the chance `returning` somebody who was here before."""
        if self._visits and self._rng.random() < returning:
            one = self._rng.choice(self._visits)
        else:
            one = self._newcomer(at)
            self.people.append(one)
        one.orders += 1
        self._visits.append(one)
        return one

    def _newcomer(self, at: datetime) -> Shopper:
        rng = self._rng
        country, _, firsts, lasts, streets, towns = rng.choices(_COUNTRIES, _SHARES)[0]
        name = f"{rng.choice(firsts.split())} {rng.choice(lasts.split())}".replace("_", " ")
        city, _, postcode = rng.choice(towns.split("|")).partition(" ")
        return Shopper(
            id=self._stamps.id(at),
            email=self._email(name),
            name=name,
            address={
                "name": name,
                "line1": _street(rng.choice(streets.split("|")), rng.randint(1, 140), country),
                "city": city,
                "postcode": postcode,
                "country": country,
            },
            since=at,
            kind=rng.choices(("standard", "priority", "wholesale"), (94, 5, 1))[0],
        )

    def _email(self, name: str) -> str:
        plain = unicodedata.normalize("NFKD", name.lower().replace("ß", "ss").replace("ø", "o"))
        mailbox = ".".join("".join(c for c in plain if c.isascii()).split())
        self._names[mailbox] = taken = self._names.get(mailbox, 0) + 1
        return f"{mailbox}{taken if taken > 1 else ''}@example.com"


def _street(street: str, number: int, country: str) -> str:
    return f"{number} {street}" if country in {"GB", "IE", "FR"} else f"{street} {number}"


def customer_row(one: Shopper, tag: str) -> dict[str, Any]:
    """A row of `customers`."""
    return {
        "id": one.id,
        "email": one.email,
        "name": one.name,
        "addresses": [one.address],
        "class": one.kind,
        "tags": [tag],
        "version": 1,
        "created_at": one.since,
        "updated_at": one.since,
    }


@dataclass(frozen=True)
class Buyer:
    """Somebody who orders today, through the API."""

    name: str
    line1: str
    city: str
    postcode: str
    country: str

    @property
    def email(self) -> str:
        """At another provider than everybody in the past, so that nobody is two people."""
        return ".".join(self.name.lower().split()).translate(str.maketrans("äöüéß", "aoues")) + "@example.org"

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
    Buyer("Camille Moreau", "14 rue des Lilas", "Lyon", "69003", "FR"),
    Buyer("Ines Carvalho", "Rua da Rosa 71", "Lisboa", "1200-383", "PT"),
    Buyer("Eva Lindholm", "Storgatan 5", "Uppsala", "753 31", "SE"),
)
