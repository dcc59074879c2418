"""What may be said to the purchasing agent, and what it says: a module for each noun."""
