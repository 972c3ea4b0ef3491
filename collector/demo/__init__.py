"""A simulated province: synthetic counts of the year 2024, and real servers that serve them."""
