"""Contract suites and tiny samples, public for authors of readers and stores."""
