use vestibule_model::Selector;

/// What came of the changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// The sessions that [`Change::EndSessionsOf`](crate::Change::EndSessionsOf),
    /// [`Change::EndDeadSessions`](crate::Change::EndDeadSessions) and
    /// [`Change::RemoveUser`](crate::Change::RemoveUser) ended, in the order of these changes and
    /// ascending within each.
    pub ended: Vec<Selector>,
    /// The sessions that [`Change::MoveSessions`](crate::Change::MoveSessions) moved, in the order
    /// of these changes and ascending within each.
    pub moved: Vec<Selector>,
    /// How many records [`Change::UpdateRecords`](crate::Change::UpdateRecords),
    /// [`Change::RemoveRecords`](crate::Change::RemoveRecords),
    /// [`Change::MoveOwnership`](crate::Change::MoveOwnership) and
    /// [`Change::RemoveOwned`](crate::Change::RemoveOwned) changed or removed.
    pub changed: u64,
    /// How many links [`Change::Link`](crate::Change::Link),
    /// [`Change::MoveLinks`](crate::Change::MoveLinks) and
    /// [`Change::MoveReferences`](crate::Change::MoveReferences) made.
    pub linked: u64,
    /// How many links [`Change::Unlink`](crate::Change::Unlink) took away.
    pub unlinked: u64,
}
