//! In which order handlers run, and whether that can be.

use std::{collections::BTreeMap, sync::PoisonError};

use super::{Registry, RegistryError, advice, place};
use crate::registration::{Meta, Phase};

/// Where each handler stands in the chain of its event: by event, phase and path.
type Places = BTreeMap<(&'static str, Phase, &'static str), usize>;

impl Registry {
    /// Lets those run that are switched on, in their order.
    pub(crate) fn arrange(&self) {
        let arranging = self.arranging.lock();
        let _alone = arranging.unwrap_or_else(PoisonError::into_inner);
        self.observers_of_all.arrange();
        for (_, chain) in self.chains.values() {
            chain.arrange();
        }
    }

    /// The places of all handlers, as they would run now.
    pub(super) fn places(&self) -> Places {
        let mut places = Places::new();
        let chains = self.chains.values();
        for (event, chain) in chains.map(|(event, chain)| (*event, chain)) {
            // What waits for each other in a circle was refused at the start.
            for (phase, paths) in chain.phases().unwrap_or_default() {
                let paths = paths.into_iter().enumerate();
                places.extend(paths.map(|(place, path)| ((event, phase, path), place)));
            }
        }
        let of_all = self.observers_of_all.sorted().unwrap_or_default();
        let of_all = of_all.into_iter().enumerate();
        places.extend(of_all.map(|(place, entry)| (("*", Phase::Observe, entry.meta.path), place)));
        places
    }

    /// The wishes of handlers to run before or after others that cannot come true.
    pub(super) fn impossible_wishes(&self, linked: &[&'static str]) -> Vec<RegistryError> {
        let mut impossible = Vec::new();
        let mut lines: Vec<Vec<Meta>> = vec![self.observers_of_all.metas().copied().collect()];
        lines.extend(self.chains.values().flat_map(|(_, chain)| chain.metas()));
        let installed: BTreeMap<_, _> = lines
            .iter()
            .flatten()
            .map(|meta| (meta.path, meta))
            .collect();
        for meta in installed.values() {
            let wishes = [("before", meta.runs_before), ("after", meta.runs_after)];
            let wishes = wishes.into_iter();
            for (option, neighbour) in
                wishes.flat_map(|(option, paths)| paths.iter().map(move |path| (option, *path)))
            {
                let meet = |line: &&Vec<Meta>| {
                    let is_in = |path| line.iter().any(|meta| meta.path == path);
                    is_in(meta.path) && is_in(neighbour)
                };
                if !linked.contains(&neighbour) {
                    impossible.push(RegistryError::UnknownNeighbour {
                        path: meta.path,
                        place: place(meta),
                        option,
                        neighbour,
                        advice: advice(neighbour, linked),
                    });
                }
                // Of one that the configuration disables nobody says where it would be.
                if installed.contains_key(neighbour) && !lines.iter().any(|line| meet(&line)) {
                    impossible.push(RegistryError::NeverMeet {
                        path: meta.path,
                        place: place(meta),
                        option,
                        neighbour,
                        neighbours_place: place(installed[neighbour]),
                    });
                }
            }
        }
        let circles = self
            .chains
            .values()
            .map(|(event, chain)| (*event, chain.phases().err()));
        let of_all = self.observers_of_all.sorted().err();
        let circles = circles.chain([("*", of_all)]);
        let mut circles: Vec<_> = circles
            .filter_map(|(event, circle)| Some((event, circle?)))
            .collect();
        circles.sort_by_key(|(event, _)| *event);
        impossible.extend(circles.into_iter().map(|(event, circle)| {
            RegistryError::Circle {
                event,
                handlers: circle
                    .iter()
                    .map(|meta| format!("{} at {}", meta.path, place(meta)))
                    .collect(),
            }
        }));
        impossible
    }
}
