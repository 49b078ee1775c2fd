"""The reference ontologies: what tissues, cell types, assays, genes and other terms there are, without a network."""
