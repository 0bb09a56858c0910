//! Charts, tables, HTML, CSV and JSON from results. Never touches a simulation.
