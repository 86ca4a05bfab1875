//! Who may do what: permissions, roles, grants, and the decision.
//!
//! Pure: no database, no clock, no HTTP. A [`Principal`] comes resolved (who it is, with the grants it holds), and
//! [`allows`] says yes, or no with the reason. What is not granted is refused; a grant narrowed to some registers, units,
//! dossier groups or document types holds nowhere else, and where the place is not known it does not hold.

mod permission;
mod set;
mod role;
mod model;
mod decision;
mod giving;
mod places;

pub use decision::{Asked, Decision, Refusal, allows, allows_somewhere};
pub use giving::{NotGiven, beyond, givable, may_give};
pub use model::{Dimension, Grant, Held, Principal, Scope, Who};
pub use permission::{Permission, Permits, UnknownPermission, to};
pub use places::{Among, Places, Within, places};
pub use role::{BuiltIn, Role, grants_of_system};
pub use set::PermissionSet;
