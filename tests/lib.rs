//! Whole-product tests, in `it`, and the figures, in `benches`. They drive the programs from outside and share
//! `it/world`; Cargo wants a library beside them, and there is nothing in it.
