"""The demo shop: Larch & Loom, a made-up shop for the home, with two years behind it and a day under way."""
