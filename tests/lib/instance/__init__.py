"""The parts of tests/instance: a whole Facteur in a folder, on loopback."""
