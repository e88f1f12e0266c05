//! What is known of the places where findings stand: whose system it is, in which country, whose personal
//! area, who can read it, how old it is, what may ask for keeping it, and where else the same data lies.

mod anchors;
mod areas;
mod claim;
mod countries;
mod dates;
mod duplicates;
mod entries;
mod facts;
mod owners;
mod retention;
mod subjects;
mod systems;
mod traits;

pub use anchors::Anchors;
pub use areas::Areas;
pub use claim::Spelled;
pub use countries::{Countries, is_country, tells_ground, tells_of_storage};
pub use dates::{Dates, month_of_day, month_text};
pub use duplicates::{Content, sets};
pub use facts::{Facts, is_facts_file};
pub use owners::Owners;
pub use retention::Retention;
pub use subjects::Subjects;
pub use systems::{System, Systems};
pub use traits::{BIRTH, Dated, Traits};
