//! Reports: one file per output, each a function of the inventory.
