use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use arc_swap::{ArcSwap, Guard};

use super::Entry;
use crate::registration::Meta;

/// The handlers of a line that run, in order: a call holds on to those that it found.
pub(crate) type Running<H> = Guard<Arc<Vec<Entry<H>>>>;

/// Those of a line that may not be there.
pub(crate) fn entries<H: ?Sized>(running: Option<&Running<H>>) -> &[Entry<H>] {
    running.map_or(&[], |running| running.as_slice())
}

/// The handlers of one phase of one event, in the order in which they run.
///
/// Which of them run, and in which order, may change while calls run: a call goes on with the line
/// that it found.
pub(crate) struct Line<H: ?Sized> {
    /// All of them, by path.
    all: Vec<Entry<H>>,
    /// Those that the configuration disables: they never run, and what they wish still counts for the
    /// others.
    disabled: Vec<Meta>,
    /// Those that are switched on, in order.
    running: ArcSwap<Vec<Entry<H>>>,
}

impl<H: ?Sized> Default for Line<H> {
    fn default() -> Self {
        Self {
            all: Vec::new(),
            disabled: Vec::new(),
            running: ArcSwap::default(),
        }
    }
}

impl<H: ?Sized> Line<H> {
    /// Adds a handler, which runs as soon as the line has been arranged.
    pub(super) fn push(&mut self, entry: Entry<H>) {
        self.all.push(entry);
    }

    /// Adds one that the configuration disables.
    pub(super) fn push_disabled(&mut self, meta: Meta) {
        self.disabled.push(meta);
    }

    /// Those that run, in order.
    pub(crate) fn running(&self) -> Running<H> {
        self.running.load()
    }

    /// Whether nobody runs.
    pub(crate) fn is_empty(&self) -> bool {
        self.running.load().is_empty()
    }

    /// Whether there is nobody who could be switched on.
    pub(super) fn has_nobody(&self) -> bool {
        self.all.is_empty()
    }

    /// All of them with their numbers, switched off or not, in the order in which they would run.
    ///
    /// # Errors
    /// Those who wait for each other.
    pub(super) fn sorted(&self) -> Result<Vec<&Entry<H>>, Vec<Meta>> {
        let all = self.all.iter();
        let standing: Vec<_> = all
            .map(|entry| (entry.switch.order(), &entry.meta))
            .collect();
        let disabled = self.disabled.iter().map(|meta| (meta.order, meta));
        let with_disabled: Vec<_> = standing.iter().copied().chain(disabled).collect();
        // Whoever is in a circle can be disabled to get out of it.
        let order = sort(&with_disabled).or_else(|_| sort(&standing))?;
        let there = order.into_iter().filter_map(|index| self.all.get(index));
        Ok(there.collect())
    }

    /// Lets those run that are switched on, in the order that their numbers and their wishes make.
    pub(super) fn arrange(&self) {
        // What waits for each other in a circle was refused at the start, and orders make no circle.
        let sorted = self.sorted().unwrap_or_default().into_iter();
        let running = sorted.filter(|entry| entry.switch.is_on()).cloned();
        self.running.store(Arc::new(running.collect()));
    }

    /// What is known about each of them.
    pub(super) fn metas(&self) -> impl Iterator<Item = &Meta> {
        self.all.iter().map(|entry| &entry.meta)
    }
}

/// The order in which handlers run: those whom somebody wants to run before come first; of those
/// who may come next, the one with the lowest order and path.
///
/// # Errors
/// Those who wait for each other, each for the next one and the last for the first.
fn sort(standing: &[(i32, &Meta)]) -> Result<Vec<usize>, Vec<Meta>> {
    let index_of: BTreeMap<_, _> = standing
        .iter()
        .enumerate()
        .map(|(index, (_, meta))| (meta.path, index))
        .collect();
    let place = |path: &&str| index_of.get(path).copied();
    // For each the ones that must have run before it.
    let mut waits_for = vec![BTreeSet::new(); standing.len()];
    for (index, (_, meta)) in standing.iter().enumerate() {
        waits_for[index].extend(meta.runs_after.iter().filter_map(place));
        for later in meta.runs_before.iter().filter_map(place) {
            waits_for[later].insert(index);
        }
    }
    let mut sorted = Vec::with_capacity(standing.len());
    let mut left: BTreeSet<_> = (0..standing.len())
        .map(|index| (standing[index].0, standing[index].1.path, index))
        .collect();
    while !left.is_empty() {
        let free = left.iter().find(|(.., index)| waits_for[*index].is_empty());
        let Some(&next) = free else {
            return Err(circle(standing, &waits_for, &left));
        };
        left.remove(&next);
        let (.., index) = next;
        sorted.push(index);
        for others in &mut waits_for {
            others.remove(&index);
        }
    }
    Ok(sorted)
}

/// Some of those who are left wait for each other; one walks from anybody to somebody waited for,
/// until somebody comes again.
fn circle(
    standing: &[(i32, &Meta)],
    waits_for: &[BTreeSet<usize>],
    left: &BTreeSet<(i32, &'static str, usize)>,
) -> Vec<Meta> {
    let mut walked: Vec<usize> = Vec::new();
    let mut at = left.first().map(|(.., index)| *index);
    while let Some(index) = at {
        if let Some(began) = walked.iter().position(|before| *before == index) {
            let around = walked[began..].iter().rev();
            return around.map(|index| *standing[*index].1).collect();
        }
        walked.push(index);
        at = waits_for[index].first().copied();
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registration::{OnFailure, Phase};

    fn meta(
        path: &'static str,
        order: i32,
        runs_before: &'static [&'static str],
        runs_after: &'static [&'static str],
    ) -> Meta {
        Meta {
            path,
            phase: Phase::Before,
            table: None,
            order,
            runs_before,
            runs_after,
            timeout: crate::DEFAULT_TIMEOUT,
            on_failure: OnFailure::Closed,
            disable_after: None,
            file: "a.rs",
            line: 1,
        }
    }

    fn order(metas: &[Meta]) -> Result<Vec<&'static str>, Vec<&'static str>> {
        let standing: Vec<_> = metas.iter().map(|meta| (meta.order, meta)).collect();
        match sort(&standing) {
            Ok(sorted) => Ok(sorted.into_iter().map(|index| metas[index].path).collect()),
            Err(circle) => Err(circle.into_iter().map(|meta| meta.path).collect()),
        }
    }

    #[test]
    fn without_wishes_handlers_run_by_order_and_path() {
        let metas = [
            meta("c", 0, &[], &[]),
            meta("b", 1, &[], &[]),
            meta("a", 0, &[], &[]),
        ];
        assert_eq!(Ok(vec!["a", "c", "b"]), order(&metas));
    }

    #[test]
    fn a_wish_beats_an_order_and_moves_nobody_else() {
        let metas = [
            meta("a", 0, &[], &[]),
            meta("b", 1, &[], &[]),
            meta("c", 2, &["b"], &[]),
            meta("d", -1, &[], &["a"]),
        ];
        assert_eq!(Ok(vec!["a", "d", "c", "b"]), order(&metas));
    }

    #[test]
    fn those_who_wait_for_each_other_are_named_in_their_order() {
        let metas = [
            meta("a", 0, &["b"], &[]),
            meta("b", 0, &["c"], &[]),
            meta("c", 0, &["a"], &[]),
            meta("d", 0, &[], &["a"]),
        ];
        let circle = order(&metas).unwrap_err();
        assert_eq!(3, circle.len(), "{circle:?}");
        let twice = circle.repeat(2).concat();
        assert!(twice.contains("abc"), "{twice}");
        assert_eq!(Err(vec!["a"]), order(&[meta("a", 0, &[], &["a"])]));
    }

    #[test]
    fn who_is_not_there_keeps_nobody_waiting() {
        let metas = [meta("a", 0, &[], &["z"]), meta("b", 0, &["z"], &[])];
        assert_eq!(Ok(vec!["a", "b"]), order(&metas));
    }
}
