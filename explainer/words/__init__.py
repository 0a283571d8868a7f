"""Names, numbers and first thoughts in the words of a person who reads them."""
