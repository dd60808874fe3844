//! The macro `table!`. It reads the lines of a table one by one, so that a mistake is reported in
//! words of its own rather than as a token that no rule expected.

#[doc = include_str!("../docs/table.md")]
#[macro_export]
macro_rules! table {
    ($($table:tt)*) => {
        $crate::__table! { @options collected [] $($table)* }
    };
}

/// The steps of [`table!`]. Not for people: it may change with any release.
#[doc(hidden)]
#[macro_export]
macro_rules! __table {
    (@options $collected:ident $options:tt collect = false; $($rest:tt)*) => {
        $crate::__table! { @options uncollected $options $($rest)* }
    };
    (@options $collected:ident $options:tt server_only; $($rest:tt)*) => {
        $crate::__table! { @options $collected [server_only] $($rest)* }
    };
    (@options $collected:ident $options:tt
        $(#[$meta:meta])* $visibility:vis $name:ident { $($lines:tt)* }
    ) => {
        $crate::__table! { @lines
            [$collected $options [$(#[$meta])*] [$visibility] $name] [] [] $($lines)*
        }
    };
    (@options $collected:ident $options:tt $option:ident $(= $value:expr)?; $($rest:tt)*) => {
        ::core::compile_error!(::core::concat!(
            "no table has the option `",
            ::core::stringify!($option $(= $value)?),
            "`: write `server_only;` or `collect = false;`, and then `Name { .. }`",
        ));
    };
    (@options $collected:ident $options:tt $($other:tt)*) => {
        ::core::compile_error!(
            "a table is written `table! { Name { column: Type, relation -> [Table] } }`, with \
             options in front of its name: `table! { server_only; Name { .. } }`"
        );
    };

    // All lines are read.
    (@lines
        [$collected:ident [$($option:ident)?] [$(#[$meta:meta])*] [$visibility:vis] $name:ident]
        [$($columns:tt)*] [$($relations:tt)*]
    ) => {
        $(#[$meta])*
        #[allow(
            dead_code,
            non_upper_case_globals,
            reason = "it is called what the table is called, and the collection is its use"
        )]
        $visibility const $name: $crate::__private::TableDeclaration = {
            const COLUMNS: &[$crate::__private::ColumnDeclaration] = &[$($columns)*];
            const RELATIONS: &[$crate::__private::RelationDeclaration] = &[$($relations)*];
            $crate::__private::TableDeclaration::new(
                ::core::stringify!($name),
                COLUMNS,
                RELATIONS,
                ::core::module_path!(),
                ::core::file!(),
                ::core::line!(),
            )
            $(.$option())?
        };
        $crate::__table! { @submit $collected $name }
    };
    (@lines $head:tt [$($columns:tt)*] $relations:tt
        $(#[$doc:meta])*
        $column:ident: $type:ident
        $(($($option:ident $(= $value:expr)?),* $(,)?))?
        $(= $default:expr)?
        $(, $($rest:tt)*)?
    ) => {
        $crate::__table! { @lines $head
            [
                $($columns)*
                $crate::__table!(@default $type, [$($default)?], {
                    $($($crate::__table! { @option $option })*)?
                    $crate::__private::ColumnDeclaration::new(
                        ::core::stringify!($column),
                        $crate::__table!(@type $type),
                    )
                    $($(.$option($($value)?))*)?
                }),
            ]
            $relations $($($rest)*)?
        }
    };
    (@lines $head:tt $columns:tt [$($relations:tt)*]
        $(#[$doc:meta])* $relation:ident -> [$to:ident] $(, $($rest:tt)*)?
    ) => {
        $crate::__table! { @lines $head $columns
            [
                $($relations)*
                $crate::__private::RelationDeclaration::to_many(
                    ::core::stringify!($relation),
                    ::core::stringify!($to),
                ),
            ]
            $($($rest)*)?
        }
    };
    (@lines $head:tt $columns:tt [$($relations:tt)*]
        $(#[$doc:meta])* $relation:ident -> $to:ident $(, $($rest:tt)*)?
    ) => {
        $crate::__table! { @lines $head $columns
            [
                $($relations)*
                $crate::__private::RelationDeclaration::to_one(
                    ::core::stringify!($relation),
                    ::core::stringify!($to),
                ),
            ]
            $($($rest)*)?
        }
    };
    (@lines $head:tt $columns:tt $relations:tt $($other:tt)*) => {
        ::core::compile_error!(::core::concat!(
            "a line of a table is `column: Type`, `column: Type(option, ..) = default`, \
             `relation -> Table` or `relation -> [Table]`, with a comma after it; this is none of \
             them: ",
            ::core::stringify!($($other)*),
        ));
    };

    (@submit uncollected $name:ident) => {};
    (@submit collected $name:ident) => {
        $crate::__private::inventory::submit! { $name }
    };

    (@type String) => { $crate::__private::ColumnType::String };
    (@type Text) => { $crate::__private::ColumnType::Text };
    (@type Int) => { $crate::__private::ColumnType::Int };
    (@type Double) => { $crate::__private::ColumnType::Double };
    (@type Boolean) => { $crate::__private::ColumnType::Boolean };
    (@type DateTime) => { $crate::__private::ColumnType::DateTime };
    (@type Json) => { $crate::__private::ColumnType::Json };
    (@type $other:ident) => {
        ::core::compile_error!(::core::concat!(
            "no column has the type `",
            ::core::stringify!($other),
            "`: write `String`, `Text`, `Int`, `Double`, `Boolean`, `DateTime` or `Json`",
        ))
    };

    (@option size) => {};
    (@option required) => {};
    (@option unique) => {};
    (@option indexed) => {};
    (@option validator) => {};
    (@option $other:ident) => {
        ::core::compile_error!(::core::concat!(
            "no column has the option `",
            ::core::stringify!($other),
            "`: write `size = 40`, `required`, `unique`, `indexed` or `validator = \"^[A-Z]+$\"`, and \
             a default after the parentheses",
        ));
    };

    (@default $type:ident, [], $declaration:expr) => { $declaration };
    (@default String, [$default:expr], $declaration:expr) => {
        $declaration.default_text($default)
    };
    (@default Text, [$default:expr], $declaration:expr) => {
        $declaration.default_text($default)
    };
    (@default Int, [$default:expr], $declaration:expr) => {
        $declaration.default_integer($default)
    };
    (@default Double, [$default:expr], $declaration:expr) => {
        $declaration.default_double($default)
    };
    (@default Boolean, [$default:expr], $declaration:expr) => {
        $declaration.default_boolean($default)
    };
    (@default DateTime, [$default:expr], $declaration:expr) => {
        ::core::compile_error!("a `DateTime` column cannot have a default: set it in a handler")
    };
    (@default Json, [$default:expr], $declaration:expr) => {
        ::core::compile_error!("a `Json` column cannot have a default: set it in a handler")
    };
    // The type is unknown, which is reported once already.
    (@default $type:ident, [$default:expr], $declaration:expr) => { $declaration };
}
