"""The elements that AnnData and MuData are made of, each against what the specification says of its encoding."""
