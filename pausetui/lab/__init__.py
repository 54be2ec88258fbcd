"""The embedded runtime: real pods in real namespaces, with no container engine."""
