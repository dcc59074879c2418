"""Which goods of an order go into which boxes, and where each stands: arithmetic in whole millimetres and grams."""
