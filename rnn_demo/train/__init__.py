"""What made the weights: data, settings and scores. The running app never imports it."""
