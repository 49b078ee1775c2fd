"""The nouns of Vitrina as frozen records: plain values, no IO, light to import."""
