"""What the suites of each publication share: its models, what it claims, and its figures drawn from our results."""
