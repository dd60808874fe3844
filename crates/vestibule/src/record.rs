#[doc = include_str!("../docs/record.md")]
#[macro_export]
macro_rules! record {
    ($($column:expr => $value:expr),* $(,)?) => {
        $crate::Properties::from([
            $((::std::string::String::from($column), $crate::Value::from($value)),)*
        ])
    };
}
