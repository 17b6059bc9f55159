"""The figures of the README's performance table, one script each; `make bench` runs them all."""
