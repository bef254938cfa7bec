"""Tables of so many rows that memory and time count: prepared in blocks, unused memory given back."""
