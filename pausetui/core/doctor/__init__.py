"""What is wrong on this machine: every check, and each finding with what it means and what to do. Pure."""
