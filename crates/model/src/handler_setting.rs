/// What the operator wants of a handler, whatever its author wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HandlerSetting {
    /// Its name everywhere: `crate::module::function`.
    pub path: String,
    /// Whether it runs; none leaves that as it is.
    pub enabled: Option<bool>,
    /// Its place among the others; none leaves that as it is.
    pub order: Option<i32>,
}
