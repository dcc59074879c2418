"""What agents that move goods have in common: refusals, looking at what a booking names, the booking itself."""
