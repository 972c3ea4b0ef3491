"""What people ask of scoreboards: why, what if, what would it take, what changed."""
