"""A stand-in for crictl, which is in no package registry: the same answers, messages and exit codes.

It speaks CRI v1 to a real runtime and prints what crictl 1.24.2, 1.28.0, 1.30.0 or 1.36.0 prints, whichever
CRICTL_STANDIN_VERSION says; ``tests/test_crictl_standin.py`` compares it with recordings of the real ones. What
pausetui doesn't use is not there: tables are simple, help is short, YAML output and many options are missing.
"""
