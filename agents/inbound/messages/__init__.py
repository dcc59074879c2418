"""What may be said to the inbound agent, and what it says: a module for each noun. Quantities are whole units."""
