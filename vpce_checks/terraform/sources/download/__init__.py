"""Fetching the code of modules that are not there, for whoever asks for it with ``--download-modules``.

All of it happens before anything is evaluated: every module call that leads to no code on disk becomes a request, what
is fetched may call more (:mod:`.rounds`), and the evaluation is given a table of what came of it. So each version is
selected once a scan, however many roots and processes there are, and the evaluation itself opens no connection.
"""
