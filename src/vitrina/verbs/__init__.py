"""What Vitrina can do: one module per verb, the only place where the parts meet."""
