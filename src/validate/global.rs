//! Kinds that belong to no country: e-mail, IBAN, payment cards, IP and MAC addresses.

use super::Validator;

/// The validators of this file, by the name that detector files use.
pub const ALL: &[(&str, Validator)] = &[];
