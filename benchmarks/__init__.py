"""What pausetui costs, against a peer or a floor measured in the same run."""
