//! The codes the vocabulary is spelt with. Each is parsed where it enters and cannot be wrong inside;
//! each is a few bytes and `Copy`, since histories hold millions of them.
//!
//! In JSON, text codes are strings and quantities are integers, and neither is taken for the other.

mod certification;
mod commune;
mod formacode;
mod invalid;
mod month;
mod naf;
mod quantity;
mod rome;
mod rome_tree;
mod siret;
mod text;

pub use certification::{Certification, Rncp, Rs};
pub use commune::Commune;
pub use formacode::Formacode;
pub(crate) use invalid::Code;
pub use invalid::Invalid;
pub use month::Month;
pub use naf::Naf;
pub use quantity::{Appraisal, BirthYear, Cents, Level, Minutes, Score};
pub use rome::Rome;
pub use siret::{Siren, Siret};
