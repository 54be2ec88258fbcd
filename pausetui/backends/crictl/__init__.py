"""The pods of a Kubernetes node, from its CRI runtime through crictl, which is run with plumbum."""
