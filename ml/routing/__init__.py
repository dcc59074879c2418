"""Which source ships what, for a window of orders at once, at the least cost. Pure: arrays in, arrays out."""
