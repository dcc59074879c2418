"""What to buy, when and how much: arithmetic on arrays, without a database."""
