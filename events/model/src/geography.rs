//! The communes of France and the territories they are in.
