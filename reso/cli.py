"""The command line: decide, explain, test, check and demo."""

OK, FOUND, BAD_INPUT, UNLOADABLE, CLOSED_PIPE = 0, 1, 2, 3, 141
EXIT_CODES = """\b
Exit codes:
  0  done; nothing wrong was found, every case passed
  1  problems were found, or cases failed
  2  bad usage or bad input
  3  the policy cannot be loaded
"""
