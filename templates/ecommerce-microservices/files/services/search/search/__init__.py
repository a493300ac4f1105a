"""Finds products by words, misspelt ones as well."""
