"""Whether data is what its specification asks for, and whether the viewer can show it. Findings, never exceptions."""
