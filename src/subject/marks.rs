//! Marks: what of a profile stands in a record, and how sure that makes it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Kind, Strength};

/// One thing of a profile that was found.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Mark {
    /// A national number.
    NationalId,
    /// A national number in two columns: birth date and the rest.
    NationalIdSplit,
    /// A national number of which a part is masked.
    NationalIdPart,
    /// Its first part, as a whole cell.
    IdHead,
    /// Its last part, as a whole cell.
    IdTail,
    /// An e-mail address.
    Email,
    /// A telephone number with its country.
    Phone,
    /// A telephone number without its country, written as one.
    PhoneNational,
    /// The digits of one.
    PhoneBare,
    /// An IBAN.
    Iban,
    /// A bank account.
    Account,
    /// A customer number that is called so.
    Customer,
    /// The same characters anywhere.
    CustomerBare,
    /// An employee number that is called so.
    Employee,
    /// The same characters anywhere.
    EmployeeBare,
    /// A user name that is called so.
    Username,
    /// The same word anywhere.
    UsernameBare,
    /// A registration plate.
    Plate,
    /// A given and a family name together.
    Name,
    /// A family name with an initial.
    NameInitials,
    /// A family name.
    Family,
    /// A given name.
    Given,
    /// A street address.
    Address,
    /// A date of birth.
    BirthDate,
    /// An e-mail address as MD5, SHA-1 or SHA-256.
    EmailHash,
    /// A telephone number likewise.
    PhoneHash,
    /// A national number likewise.
    IdHash,
    /// A key of another record.
    Hop,
    /// Something of the above in the name of the file.
    FileName,
}

/// Marks with the word that reasons use; those without one only count together with others.
const ALL: &[(Mark, Option<&str>)] = &[
    (Mark::NationalId, Some("national_id")),
    (Mark::NationalIdSplit, Some("national_id_split")),
    (Mark::NationalIdPart, Some("national_id_part")),
    (Mark::IdHead, None),
    (Mark::IdTail, None),
    (Mark::Email, Some("email")),
    (Mark::Phone, Some("phone")),
    (Mark::PhoneNational, Some("phone_national")),
    (Mark::PhoneBare, Some("phone_bare")),
    (Mark::Iban, Some("iban")),
    (Mark::Account, Some("account")),
    (Mark::Customer, Some("customer_number")),
    (Mark::CustomerBare, Some("customer_number_bare")),
    (Mark::Employee, Some("employee_number")),
    (Mark::EmployeeBare, Some("employee_number_bare")),
    (Mark::Username, Some("username")),
    (Mark::UsernameBare, Some("username_bare")),
    (Mark::Plate, Some("plate")),
    (Mark::Name, Some("name")),
    (Mark::NameInitials, Some("name_initials")),
    (Mark::Family, Some("name_family")),
    (Mark::Given, None),
    (Mark::Address, Some("address")),
    (Mark::BirthDate, Some("birth_date")),
    (Mark::EmailHash, Some("email_hash")),
    (Mark::PhoneHash, Some("phone_hash")),
    (Mark::IdHash, Some("national_id_hash")),
    (Mark::Hop, None),
    (Mark::FileName, Some("file_name")),
];

/// A set of marks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marks(u32);

/// What tells one person by itself.
const UNIQUE: Marks = Marks::of(&[Mark::NationalId, Mark::NationalIdSplit, Mark::IdHash]);
/// What tells one person, too; under another name it may be a family's.
const MAIL: Marks = Marks::of(&[Mark::Email, Mark::EmailHash]);
/// What tells one person unless the record names another one: households and teams share these.
const SHARED: Marks = Marks::of(&[
    Mark::Phone,
    Mark::PhoneHash,
    Mark::Iban,
    Mark::Account,
    Mark::Customer,
    Mark::Employee,
    Mark::Username,
]);
/// What is probable by itself under the same condition.
const LIKELY: Marks = Marks::of(&[Mark::PhoneNational, Mark::Plate]);
/// What makes a name probable.
const BESIDE_NAME: Marks = Marks::of(&[
    Mark::BirthDate,
    Mark::Address,
    Mark::NationalIdPart,
    Mark::PhoneBare,
    Mark::CustomerBare,
    Mark::EmployeeBare,
    Mark::UsernameBare,
]);
/// What makes a family name probable; an address is its whole household's.
const BESIDE_FAMILY: Marks = Marks::of(&[Mark::BirthDate, Mark::NationalIdPart]);
const NAMES: Marks = Marks::of(&[Mark::Name, Mark::NameInitials]);
/// What is listed as possible by itself.
const CLUES: Marks = Marks::of(&[
    Mark::Name,
    Mark::NameInitials,
    Mark::NationalIdPart,
    Mark::PhoneBare,
    Mark::CustomerBare,
    Mark::EmployeeBare,
    Mark::UsernameBare,
]);

impl Marks {
    const fn of(marks: &[Mark]) -> Marks {
        let mut bits = 0;
        let mut at = 0;
        while at < marks.len() {
            bits |= 1 << marks[at] as u8;
            at += 1;
        }
        Marks(bits)
    }

    /// Adds a mark.
    pub fn add(&mut self, mark: Mark) {
        self.0 |= 1 << mark as u8;
    }

    /// Adds the marks of another set.
    pub fn extend(&mut self, other: Marks) {
        self.0 |= other.0;
    }

    /// Whether a mark is in the set.
    #[must_use]
    pub fn has(self, mark: Mark) -> bool {
        self.meets(Marks(1 << mark as u8))
    }

    /// Whether the sets have a mark in common.
    #[must_use]
    pub fn meets(self, other: Marks) -> bool {
        self.0 & other.0 != 0
    }

    /// With what follows from marks that stand in one record.
    #[must_use]
    pub fn completed(mut self) -> Marks {
        if self.has(Mark::Family) && self.has(Mark::Given) {
            self.add(Mark::Name);
        }
        if self.has(Mark::IdTail) && (self.has(Mark::IdHead) || self.has(Mark::BirthDate)) {
            self.add(Mark::NationalIdSplit);
        }
        self
    }

    /// Whether a record with these marks is listed at all.
    #[must_use]
    pub fn are_worth_a_look(self) -> bool {
        let marks = self.completed();
        let with_family = marks.has(Mark::Family) && marks.meets(BESIDE_FAMILY);
        marks.has(Mark::Hop)
            || with_family
            || [UNIQUE, MAIL, SHARED, LIKELY, CLUES].iter().any(|some| marks.meets(*some))
    }

    /// The strength of a record with these marks, in which `against` the subject speaks as much; `None` for no
    /// record of the subject. Keys of other records are weighed elsewhere.
    #[must_use]
    pub fn strength(self, against: &Against) -> Option<Strength> {
        let marks = self.completed();
        let probable = marks.meets(LIKELY)
            || marks.meets(NAMES) && marks.meets(BESIDE_NAME)
            || marks.has(Mark::Family) && marks.meets(BESIDE_FAMILY);
        let other_person = against.birth_date || against.national_id;
        let strength = if marks.meets(UNIQUE) {
            return Some(Strength::Certain);
        } else if marks.meets(MAIL) && against.name && !other_person {
            return Some(Strength::Probable);
        } else if marks.meets(MAIL) || marks.meets(SHARED) || marks.has_named_phone() {
            Strength::Certain
        } else if probable {
            Strength::Probable
        } else if marks.meets(CLUES) {
            Strength::Possible
        } else {
            return None;
        };
        Some(if against.name || other_person { Strength::Possible } else { strength })
    }

    /// A telephone number without its country, beside the name of whose it is.
    fn has_named_phone(self) -> bool {
        self.has(Mark::PhoneNational) && self.has(Mark::Name)
    }

    /// The words for these marks, as reasons in outputs.
    #[must_use]
    pub fn reasons(self) -> Vec<String> {
        let marks = self.completed();
        let words = ALL.iter().filter(|(mark, _)| marks.has(*mark) && !marks.is_covered(*mark));
        words.filter_map(|(_, word)| word.map(str::to_owned)).collect()
    }

    /// Whether another mark says the same and more.
    fn is_covered(self, mark: Mark) -> bool {
        match mark {
            Mark::Family | Mark::NameInitials => self.has(Mark::Name),
            Mark::PhoneBare => self.meets(Marks::of(&[Mark::PhoneNational, Mark::Phone])),
            Mark::PhoneNational => self.has(Mark::Phone),
            Mark::CustomerBare => self.has(Mark::Customer),
            Mark::EmployeeBare => self.has(Mark::Employee),
            Mark::UsernameBare => self.has(Mark::Username),
            Mark::NationalIdPart => self.has(Mark::NationalId),
            _ => false,
        }
    }
}

/// What in a record speaks against the subject: a value of a kind of which the subject has another one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "one per kind")]
pub struct Against {
    /// Another person's name, and not the subject's.
    pub name: bool,
    /// Another date of birth.
    pub birth_date: bool,
    /// Another national number.
    pub national_id: bool,
    /// Another e-mail address.
    pub email: bool,
}

impl Against {
    /// Whether anything does, which leaves no reason to follow a key there.
    #[must_use]
    pub fn any(&self) -> bool {
        self.email || !self.kinds().is_empty()
    }

    /// The kinds that are a reason of doubt; a person may have another e-mail address.
    #[must_use]
    pub fn kinds(&self) -> Vec<Kind> {
        let all = [
            (self.name, Kind::Name),
            (self.birth_date, Kind::BirthDate),
            (self.national_id, Kind::NationalId),
        ];
        all.into_iter().filter(|(holds, _)| *holds).map(|(_, kind)| kind).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strength(marks: &[Mark], against: Against) -> Option<Strength> {
        Marks::of(marks).strength(&against)
    }

    #[test]
    fn only_identifiers_are_certain() {
        let nothing = Against::default();
        assert_eq!(strength(&[Mark::NationalId], nothing), Some(Strength::Certain));
        assert_eq!(strength(&[Mark::Phone], nothing), Some(Strength::Certain));
        assert_eq!(strength(&[Mark::PhoneNational], nothing), Some(Strength::Probable));
        assert_eq!(strength(&[Mark::PhoneNational, Mark::Name], nothing), Some(Strength::Certain));
        assert_eq!(strength(&[Mark::IdHead, Mark::IdTail], nothing), Some(Strength::Certain));
        assert_eq!(strength(&[Mark::Family, Mark::Given], nothing), Some(Strength::Possible));
        assert_eq!(strength(&[Mark::Name, Mark::BirthDate], nothing), Some(Strength::Probable));
        assert_eq!(strength(&[Mark::Family, Mark::Address], nothing), None);
        assert_eq!(strength(&[Mark::Given, Mark::BirthDate], nothing), None);
    }

    #[test]
    fn what_speaks_against_leaves_possible() {
        let birth_date = Against { birth_date: true, ..Against::default() };
        assert_eq!(strength(&[Mark::Name, Mark::Address], birth_date), Some(Strength::Possible));
        assert_eq!(strength(&[Mark::Phone], birth_date), Some(Strength::Possible));
        assert_eq!(strength(&[Mark::Email], birth_date), Some(Strength::Possible));
        let name = Against { name: true, ..Against::default() };
        assert_eq!(strength(&[Mark::Email], name), Some(Strength::Probable));
        assert_eq!(strength(&[Mark::NationalId], name), Some(Strength::Certain));
        let email = Against { email: true, ..Against::default() };
        assert_eq!(strength(&[Mark::Phone], email), Some(Strength::Certain));
    }

    #[test]
    fn the_stronger_reason_stands_for_the_weaker() {
        let marks = Marks::of(&[Mark::Family, Mark::Given, Mark::PhoneBare, Mark::PhoneNational]);
        assert_eq!(marks.reasons(), ["phone_national", "name"]);
    }
}
