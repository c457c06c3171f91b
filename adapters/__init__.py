"""The platforms: each translates commands in and cards out, and knows nothing else."""
