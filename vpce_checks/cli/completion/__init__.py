"""Completion of the command line in shells: what there is to complete comes from the parser (``words``), and each shell has a
file that writes its script."""
