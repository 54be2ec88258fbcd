"""Watch the pods of this machine, their pause containers and namespaces, live."""

__version__ = "0.1.0"
