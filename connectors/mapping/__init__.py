"""The vocabulary of sources.yaml: from a declared request to the observations in its answer."""
