//! Notes: what could not be read, and why. Every path that is met ends in one of three classes.

use serde::{Deserialize, Serialize};

/// Why something was not read, or not in full. The text form is part of the inventory's contract.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    // Out of scope by rule.
    /// A symbolic link; links are not followed.
    Symlink,
    /// A named pipe, socket or device.
    SpecialFile,
    /// Left out by `--exclude` or not covered by `--include`.
    Excluded,
    /// On another file system than its root (`--one-file-system`).
    OtherFileSystem,
    /// A pseudo file system such as `/proc`.
    PseudoFileSystem,
    /// A folder that is mounted at two places that are scanned: its content is counted at the other.
    MountedTwice,
    /// Images, sound and video hold no text.
    Media,
    /// A hard link: its content is counted at another path.
    HardLinkOf,
    // Not read.
    /// The system refused to open it.
    PermissionDenied,
    /// It was listed, and not there when it should be opened.
    Vanished,
    /// It was truncated or replaced while it was read.
    Changed,
    /// The system reported an error while reading.
    IoError,
    /// The format's rules are broken from some point on; the rest was searched as text.
    Malformed,
    /// The text encoding could not be decoded in full.
    Undecodable,
    /// A format that datakart does not take apart yet; its bytes were searched as text.
    UnsupportedFormat,
    /// Pages that are images: what they show is no text.
    NoText,
    /// Encrypted content.
    Encrypted,
    /// A budget (bytes, entries, depth, time, memory) was used up.
    Budget,
    /// The process that read it died.
    Crashed,
    /// More fields than are kept apart; the rest was searched together.
    TooManyFields,
    /// The run was stopped before this was done.
    Stopped,
    /// The time given to the run was over, or its root could not be reached; a later run goes on with it.
    NotReached,
    /// The system does not answer: a call did not come back in time, or several on the same file system.
    Stalled,
}

/// Which of the three classes a reason belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Read in full.
    Read,
    /// Left out by a rule that is stated.
    OutOfScope,
    /// Should have been read and was not, or not in full.
    NotRead,
}

impl Reason {
    /// The class of this reason. A field limit or a hard link loses nothing.
    #[must_use]
    pub fn class(self) -> Class {
        match self {
            Reason::HardLinkOf | Reason::TooManyFields => Class::Read,
            Reason::Symlink
            | Reason::SpecialFile
            | Reason::Excluded
            | Reason::OtherFileSystem
            | Reason::PseudoFileSystem
            | Reason::MountedTwice
            | Reason::Media => Class::OutOfScope,
            _ => Class::NotRead,
        }
    }

    /// The class of a reason that an inventory names. One that is unknown here counts as not read, which is the
    /// careful side.
    #[must_use]
    pub fn class_of(word: &str) -> Class {
        use serde::de::IntoDeserializer as _;
        let word: serde::de::value::StrDeserializer<'_, serde::de::value::Error> =
            word.into_deserializer();
        Reason::deserialize(word).map_or(Class::NotRead, Reason::class)
    }

    /// The word that outputs use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Reason::Symlink => "symlink",
            Reason::SpecialFile => "special_file",
            Reason::Excluded => "excluded",
            Reason::OtherFileSystem => "other_file_system",
            Reason::PseudoFileSystem => "pseudo_file_system",
            Reason::Media => "media",
            Reason::HardLinkOf => "hard_link_of",
            Reason::MountedTwice => "mounted_twice",
            Reason::PermissionDenied => "permission_denied",
            Reason::Vanished => "vanished",
            Reason::Changed => "changed",
            Reason::IoError => "io_error",
            Reason::Malformed => "malformed",
            Reason::Undecodable => "undecodable",
            Reason::UnsupportedFormat => "unsupported_format",
            Reason::NoText => "no_text",
            Reason::Encrypted => "encrypted",
            Reason::Budget => "budget",
            Reason::Crashed => "crashed",
            Reason::TooManyFields => "too_many_fields",
            Reason::Stopped => "stopped",
            Reason::NotReached => "not_reached",
            Reason::Stalled => "stalled",
        }
    }
}

/// Something that could not be read, within one file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Note {
    /// The member it concerns; empty for the file itself.
    pub members: Vec<String>,
    /// Why.
    pub reason: Reason,
    /// A few words more; never content of the file.
    pub detail: String,
}
