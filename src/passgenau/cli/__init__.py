"""The command line: thin commands over `passgenau.study`."""
