"""One running session without a screen: it looks, joins, compares, acts and remembers."""
