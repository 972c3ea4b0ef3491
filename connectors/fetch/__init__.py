"""How a source is asked over HTTP: proof, time, addresses, sockets and bounds."""
