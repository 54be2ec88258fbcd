"""Docker and Podman: pods where there is no kubelet."""
