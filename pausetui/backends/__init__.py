"""What a runtime says about pods and containers. Found through entry points, imported when used."""
