"""What fills the terminal: the main screen and what is opened over it."""
