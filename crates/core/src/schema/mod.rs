//! Tables, columns and relations: what they may be called, and who adds them.

mod declaration;
mod definition;
mod draft;
mod dynamic;
mod identity;
mod names;
mod operator;
mod plan;

pub use self::{
    declaration::{ColumnDeclaration, RelationDeclaration, TableDeclaration},
    plan::SchemaPlan,
};
pub(crate) use self::{
    draft::{ATTEMPTS, Draft, changed_too_often, is_outdated},
    dynamic::fit,
    names::shown,
    plan::make,
};
