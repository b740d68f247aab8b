"""What is measured: rules alone beside zen-engine, rulings per second, memory. `make bench`."""
