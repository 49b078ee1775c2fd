"""Pictures of lineage: from the graph of artifacts and runs to a layout, to SVG, HTML and text. Pure."""
