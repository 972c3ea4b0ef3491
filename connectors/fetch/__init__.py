"""How a source is asked over HTTP: proof, time, addresses, sockets, bounds. connectors.http is the door."""
