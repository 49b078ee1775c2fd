"""What can be repaired without guessing: a plan, made of what is there. Nothing is written here."""
