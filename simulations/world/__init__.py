"""The world of generated histories: parcels, people, and what an old platform made of them."""
