"""One file a command: parse, call, print; no logic of its own."""
