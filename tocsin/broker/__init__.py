"""The broker as the commands meet it: accounts, rights, addresses, one of our own."""
