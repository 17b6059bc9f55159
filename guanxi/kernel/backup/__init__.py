"""Copies of everything: made online, enciphered, checked, put back on an empty machine."""
