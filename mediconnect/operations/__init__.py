"""Operations: commands and processes that keep the house running."""
