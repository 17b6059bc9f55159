"""The pages of a customer: parse, one service or query call, render."""
