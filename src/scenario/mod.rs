//! From YAML to validated simulations, with diagnostics that point at the line.
