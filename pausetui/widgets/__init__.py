"""The parts a screen is made of. They are given values and send messages, and know no service."""
