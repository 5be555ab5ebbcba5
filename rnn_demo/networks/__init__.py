"""The networks, and the files their weights lie in. Only the modules here and in train/ import torch."""
