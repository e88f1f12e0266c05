//! The kinds of values that tell a person.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a value of a profile is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A person's name, current or former.
    Name,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// A national identity, social security or tax number.
    NationalId,
    /// An international bank account number.
    Iban,
    /// A bank account number in its country's own form.
    Account,
    /// A customer number.
    CustomerNumber,
    /// An employee or member number.
    EmployeeNumber,
    /// A user name.
    Username,
    /// A vehicle's registration plate.
    Plate,
    /// A street address.
    Address,
    /// A date of birth.
    BirthDate,
}

impl Kind {
    /// All kinds, in the order of their words.
    pub const ALL: [Kind; 12] = [
        Kind::Name,
        Kind::Email,
        Kind::Phone,
        Kind::NationalId,
        Kind::Iban,
        Kind::Account,
        Kind::CustomerNumber,
        Kind::EmployeeNumber,
        Kind::Username,
        Kind::Plate,
        Kind::Address,
        Kind::BirthDate,
    ];

    /// The word that profiles, reasons and outputs use.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Name => "name",
            Kind::Email => "email",
            Kind::Phone => "phone",
            Kind::NationalId => "national_id",
            Kind::Iban => "iban",
            Kind::Account => "account",
            Kind::CustomerNumber => "customer_number",
            Kind::EmployeeNumber => "employee_number",
            Kind::Username => "username",
            Kind::Plate => "plate",
            Kind::Address => "address",
            Kind::BirthDate => "birth_date",
        }
    }

    /// The kind of a detector's matches, from its id and category (`patterns/categories.toml`); `None` for what
    /// tells no single person.
    #[must_use]
    pub fn of_detector(id: &str, category: &str) -> Option<Kind> {
        Some(match category {
            "contact.name" => Kind::Name,
            "contact.email" => Kind::Email,
            "contact.phone" => Kind::Phone,
            "contact.address" if id == "street_address" => Kind::Address,
            "government_id.national" | "government_id.tax_social" => Kind::NationalId,
            "government_id.vehicle" => Kind::Plate,
            "financial.bank_account" if id == "iban" => Kind::Iban,
            "financial.bank_account" => Kind::Account,
            "online.account" => Kind::Username,
            "demographic.date_of_birth" => Kind::BirthDate,
            _ => return None,
        })
    }
}
