use vestibule_storage::Change;

/// What an operation did, and what is still to be done when the call has ended.
///
/// A login must not end the sessions that it displaces before the after handlers have had their
/// say, and must leave nothing behind if one of them fails. So an operation says both, as data.
#[derive(Debug)]
pub struct Performed<T> {
    /// What the caller gets.
    pub(crate) output: T,
    /// What to do if the whole call succeeds.
    pub(crate) on_success: Vec<Change>,
    /// What to do if an after handler turns the call into a failure.
    pub(crate) on_failure: Vec<Change>,
}

impl<T> Performed<T> {
    /// Everything is done; nothing depends on how the call ends.
    pub(crate) fn done(output: T) -> Self {
        Self {
            output,
            on_success: Vec::new(),
            on_failure: Vec::new(),
        }
    }
}
