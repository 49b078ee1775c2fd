"""AnnData for the web: written so that a viewer fetches one variable with one small request."""
