"""What every command says about its exit codes."""

EXIT_CODES = """\b
Exit codes:
  0  judged, and it works
  1  findings, or no working set
  2  what was given cannot be used (a requirement, a file, an option)
  3  the outside world failed (index, network, uv, disk)
  130  interrupted
"""
