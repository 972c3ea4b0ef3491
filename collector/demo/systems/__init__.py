"""What each simulated source system answers to a request at a moment."""
