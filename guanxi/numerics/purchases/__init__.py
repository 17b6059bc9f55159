"""Models of buying without a contract: how often customers will buy, whether they still do."""
