"""What people and their programs may do, each at a desk of their own: the one place that asks whose it is."""
