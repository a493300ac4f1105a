"""Orders from reservation to money, accounts, the ledger."""
