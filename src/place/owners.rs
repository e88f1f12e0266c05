//! Names of users and groups, as this host knows them.

use uzers::{Groups as _, Users as _, UsersCache};

/// Looks names up once each.
pub struct Owners(UsersCache);

impl Default for Owners {
    fn default() -> Self {
        Owners(UsersCache::new())
    }
}

impl Owners {
    /// The user's name; the number where there is none.
    #[must_use]
    pub fn user(&self, uid: u32) -> String {
        let known = self.0.get_user_by_uid(uid);
        known.map_or_else(|| uid.to_string(), |u| u.name().to_string_lossy().into_owned())
    }

    /// The group's name; the number where there is none.
    #[must_use]
    pub fn group(&self, gid: u32) -> String {
        let known = self.0.get_group_by_gid(gid);
        known.map_or_else(|| gid.to_string(), |g| g.name().to_string_lossy().into_owned())
    }
}
