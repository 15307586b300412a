"""Read series: what a plan would meet, and what a series consists of."""
