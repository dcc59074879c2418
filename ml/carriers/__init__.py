"""How long carriers take, what they lose, and what a parcel with each of them really costs. Without a database."""
