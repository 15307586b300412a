"""How every endpoint speaks: who calls, what may be asked, how answers and refusals look."""
