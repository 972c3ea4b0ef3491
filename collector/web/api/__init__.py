"""Routes under /api/v1, and the models that describe their documents."""
