"""Points, such as transcripts, along a space-filling curve, so that what lies close together is read together."""
