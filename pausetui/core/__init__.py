"""What the program knows and how it thinks, with no I/O, no clock and no third-party import."""
