"""A catalogue to look at. Run again it adds what is missing, and changes nothing."""

from sqlalchemy import select

from product_api import catalogue
from product_api.models import Product
from service_kit.rows import Database
from shop.contracts import NewProduct

PRODUCTS = (
    ("Laptop", "Fourteen inches, 16 GB of memory, a keyboard that lasts.", 99999, 10),
    ("Laptop sleeve", "Felt, for fourteen inches.", 2999, 80),
    ("Mechanical keyboard", "Tactile switches, hot-swappable, without lights.", 12900, 40),
    ("Wireless mouse", "Quiet clicks, one AA battery a year.", 3490, 120),
    ("Monitor 27 inch", "2560 by 1440, matte, height-adjustable.", 28900, 25),
    ("USB-C dock", "Two displays, network, 96 W of charging.", 17900, 30),
    ("USB-C cable 2 m", "Charges and carries 10 Gbit/s.", 1490, 300),
    ("Headphones", "Closed, wired, with a part for every part.", 14900, 35),
    ("Webcam", "1080p with a shutter for the lens.", 6900, 60),
    ("Desk lamp", "Warm to cold, remembers what you chose.", 5400, 45),
    ("Notebook A5", "Dotted, 120 pages, lies flat.", 1250, 500),
    ("Fountain pen", "Steel nib, fills from a bottle.", 3900, 70),
    ("Ink, blue", "50 ml, washes out.", 890, 200),
    ("Backpack", "22 litres, a sleeve for a laptop, keeps rain out.", 8900, 50),
    ("Water bottle", "0.7 litres, steel, dishwasher safe.", 2490, 150),
    ("Coffee beans 1 kg", "Medium roast, from one farm.", 2690, 90),
    ("Coffee grinder", "By hand, steel burrs.", 7900, 20),
    ("Mug", "Stoneware, 350 ml.", 1390, 160),
    ("Desk mat", "Wool felt, 80 by 40 cm.", 3290, 65),
    ("Last one", "There is exactly one of it: to see what out of stock looks like.", 500, 1),
)


async def seed(database: Database) -> int:
    async with database.transaction() as session:
        there = set((await session.scalars(select(Product.name))).all())
    added = 0
    for name, description, price_cents, stock in PRODUCTS:
        if name not in there:
            data = NewProduct(
                name=name, description=description, price_cents=price_cents, stock=stock
            )
            await catalogue.create(database, data, "seed")
            added += 1
    return added
