"""`python -m deskside.commandline` is `deskside`."""

from deskside.commandline import main

main()
