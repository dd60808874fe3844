//! What clients were told of, and what must therefore be true in the end.

use std::collections::BTreeSet;

use crate::session::{Grave, Session};

/// What one client, or all of them, were told.
#[derive(Default)]
pub(crate) struct Ledger {
    pub(crate) items: Vec<Item>,
    pub(crate) baskets: Vec<Basket>,
    pub(crate) users: Vec<User>,
    pub(crate) graves: Vec<Grave>,
    /// Guests whose clients went away without a word.
    pub(crate) left: Vec<Session>,
    /// The longest that a server took to respect what another one had acknowledged.
    pub(crate) slowest: std::time::Duration,
    /// Calls that may or may not have been done.
    pub(crate) doubtful: usize,
}

/// A record, which its client changes again and again.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) id: String,
    /// The last amount that was acknowledged.
    amount: i64,
    /// Amounts that may have been written, or may yet be.
    doubtful: BTreeSet<i64>,
    removal: Removal,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Removal {
    No,
    Doubtful,
    Acknowledged,
}

/// A record that others are related to.
#[derive(Clone, Debug)]
pub(crate) struct Basket {
    pub(crate) id: String,
    /// Relations that were acknowledged.
    pub(crate) items: BTreeSet<String>,
}

/// A registered user.
#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) email: String,
    pub(crate) password: String,
}

impl Item {
    /// A record whose creation was acknowledged.
    pub(crate) fn created(id: String, amount: i64) -> Self {
        Self {
            id,
            amount,
            doubtful: BTreeSet::new(),
            removal: Removal::No,
        }
    }

    /// A change was acknowledged; an earlier attempt of it may be made after a later change.
    pub(crate) fn changed(&mut self, amount: i64, is_doubtful: bool) {
        self.amount = amount;
        if is_doubtful {
            self.doubtful.insert(amount);
        }
    }

    /// Its removal may have been made.
    pub(crate) fn may_be_removed(&mut self) {
        self.removal = self.removal.max(Removal::Doubtful);
    }

    pub(crate) fn removed(&mut self) {
        self.removal = Removal::Acknowledged;
    }

    /// Whether this is what there may be: its amount, or none if it is not there.
    pub(crate) fn may_be(&self, found: Option<i64>) -> bool {
        match found {
            None => self.removal != Removal::No,
            Some(amount) => {
                let is_known = amount == self.amount || self.doubtful.contains(&amount);
                is_known && self.removal != Removal::Acknowledged
            }
        }
    }
}

impl Removal {
    fn max(self, other: Self) -> Self {
        if self == Self::No { other } else { self }
    }
}

impl Ledger {
    /// Takes over what another client was told.
    pub(crate) fn take(&mut self, other: Self) {
        self.items.extend(other.items);
        self.baskets.extend(other.baskets);
        self.users.extend(other.users);
        self.graves.extend(other.graves);
        self.left.extend(other.left);
        self.slowest = self.slowest.max(other.slowest);
        self.doubtful += other.doubtful;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_write_is_found_and_a_doubtful_one_is_not_missed() {
        let mut item = Item::created("1".to_owned(), 1);
        assert!(item.may_be(Some(1)) && !item.may_be(None));
        item.changed(2, false);
        assert!(item.may_be(Some(2)) && !item.may_be(Some(1)));
        item.changed(3, true);
        item.changed(4, false);
        assert!(item.may_be(Some(4)) && item.may_be(Some(3)) && !item.may_be(Some(2)));
        item.may_be_removed();
        assert!(item.may_be(Some(4)) && item.may_be(None));
        item.removed();
        assert!(!item.may_be(Some(4)) && item.may_be(None));
    }
}
