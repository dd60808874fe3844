//! What an argument looks like as JSON, as far as its type's name says.

use syn::{GenericArgument, PathArguments, PathSegment, Type};

use crate::ast::ungrouped;

/// Whether a call may do without it.
pub(super) fn is_option(ty: &Type) -> bool {
    last(ty).is_some_and(|last| last.ident == "Option")
}

/// The variant of `ParameterKind`.
pub(super) fn kind(ty: &Type) -> &'static str {
    if matches!(ungrouped(ty), Type::Array(_)) {
        return "List";
    }
    let Some(last) = last(ty) else {
        return "Any";
    };
    match last.ident.to_string().as_str() {
        "Option" | "Secret" | "Box" => inner(last).map_or("Any", kind),
        "String" | "char" => "Text",
        "i8" | "i16" | "i32" | "i64" | "i128" | "isize" | "u8" | "u16" | "u32" | "u64" | "u128"
        | "usize" => "Integer",
        "f32" | "f64" => "Number",
        "bool" => "Boolean",
        "Vec" | "VecDeque" | "HashSet" | "BTreeSet" => "List",
        _ => "Any",
    }
}

fn last(ty: &Type) -> Option<&PathSegment> {
    match ungrouped(ty) {
        Type::Path(ty) => ty.path.segments.last(),
        _ => None,
    }
}

/// The `T` in `name<T>`.
fn inner(segment: &PathSegment) -> Option<&Type> {
    match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => match arguments.args.first() {
            Some(GenericArgument::Type(ty)) => Some(ty),
            _ => None,
        },
        _ => None,
    }
}
