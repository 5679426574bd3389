"""What `tests.bench.bench_pane` is made of."""
