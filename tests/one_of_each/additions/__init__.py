"""The four files; the test copies them into a copy of the product and adds a line for each."""
