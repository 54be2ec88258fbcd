"""What an action will do, told before it is done. Pure."""
