"""What a security standard asks, held against the product."""
