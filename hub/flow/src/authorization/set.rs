//! A set of permissions, as bits: asked on every call.

use super::Permission;

const WORDS: usize = 4;

/// Permissions, each in or out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PermissionSet([u64; WORDS]);

// A list that outgrows the bits does not compile.
const _: () = assert!(Permission::ALL.len() <= WORDS * 64);

impl PermissionSet {
    /// Nothing.
    pub const NONE: Self = Self([0; WORDS]);

    /// Whether the permission is in.
    #[must_use]
    pub const fn contains(&self, permission: Permission) -> bool {
        let at = permission as usize;
        self.0[at / 64] & (1 << (at % 64)) != 0
    }

    /// With one more.
    #[must_use]
    pub const fn with(mut self, permission: Permission) -> Self {
        let at = permission as usize;
        self.0[at / 64] |= 1 << (at % 64);
        self
    }

    /// What is in it, in the order of the list.
    pub fn iter(&self) -> impl Iterator<Item = Permission> {
        let held = *self;
        Permission::ALL.iter().copied().filter(move |one| held.contains(*one))
    }
}

impl FromIterator<Permission> for PermissionSet {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        permissions.into_iter().fold(Self::NONE, Self::with)
    }
}
