"""`python -m tocsin`: the command line where no script is installed, as in the container."""

from __future__ import annotations

from tocsin.main import main

if __name__ == "__main__":
    main()
