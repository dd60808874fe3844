//! What the attributes expand to reaches us through here and nowhere else. Not for people: it may
//! change with any release.

pub mod shape;

pub use async_trait::async_trait;
pub use inventory;
pub use vestibule_core::{
    After, Before, ColumnDeclaration, Context, DEFAULT_TIMEOUT, Flow, Handler, Meta, Observer,
    ObserverOfAll, OnFailure, Outcome, Phase, Registration, RelationDeclaration, Result, Seen,
    SeenAny, TableDeclaration, Witness,
};
pub use vestibule_model::ColumnType;
