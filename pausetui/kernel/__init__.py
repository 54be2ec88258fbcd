"""What Linux says: processes, namespaces, addresses, pins, and hints that something changed."""
