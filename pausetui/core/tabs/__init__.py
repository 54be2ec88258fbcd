"""What each tab of the details says of a pod or container: one module a tab, and its parts. Pure."""
