"""Think; touch nothing."""
