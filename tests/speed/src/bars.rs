//! What must be reached, and what was.

use std::fmt;

use crate::table::{Table, ratio};

/// What is asked of a figure.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wanted {
    AtLeast(f64),
    AtMost(f64),
}

/// A promise and the figures that it is held against.
pub(crate) struct Bar {
    what: String,
    wanted: Wanted,
    unit: &'static str,
    /// Each with what it is of, as in `64 connections`.
    figures: Vec<(String, f64)>,
}

impl Bar {
    /// A bar for ratios.
    pub(crate) fn new(what: impl Into<String>, wanted: Wanted) -> Self {
        Self {
            what: what.into(),
            wanted,
            unit: "",
            figures: Vec::new(),
        }
    }

    /// A bar for figures of this unit.
    pub(crate) fn in_unit(what: impl Into<String>, wanted: Wanted, unit: &'static str) -> Self {
        Self {
            unit,
            ..Self::new(what, wanted)
        }
    }

    pub(crate) fn push(&mut self, of: impl Into<String>, figure: f64) {
        self.figures.push((of.into(), figure));
    }

    pub(crate) fn with(mut self, of: impl Into<String>, figure: f64) -> Self {
        self.push(of, figure);
        self
    }

    /// Whether every figure is good enough.
    pub(crate) fn holds(&self) -> bool {
        let good = |figure: f64| match self.wanted {
            Wanted::AtLeast(least) => figure >= least,
            Wanted::AtMost(most) => figure <= most,
        };
        self.figures.iter().all(|(_, figure)| good(*figure))
    }

    fn wanted(&self) -> String {
        let (sign, value) = match self.wanted {
            Wanted::AtLeast(least) => (">=", least),
            Wanted::AtMost(most) => ("<=", most),
        };
        format!("{sign} {value}{}", self.unit)
    }

    fn got(&self) -> String {
        let figure = |figure: f64| match self.unit {
            "" => ratio(figure),
            unit => format!("{figure:.0}{unit}"),
        };
        let figures = self.figures.iter().map(|(of, value)| match of.as_str() {
            "" => figure(*value),
            of => format!("{of}: {}", figure(*value)),
        });
        figures.collect::<Vec<_>>().join(", ")
    }
}

/// Bars, for people.
pub(crate) struct Bars<'a>(pub(crate) &'a [Bar]);

impl fmt::Display for Bars<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new(4, &["bar", "wanted", "measured", ""]);
        for bar in self.0 {
            let verdict = if bar.holds() { "pass" } else { "FAIL" };
            let verdict = verdict.to_owned();
            table.push([bar.what.clone(), bar.wanted(), bar.got(), verdict]);
        }
        table.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_figure_that_is_too_low_fails_the_bar() {
        let bar = Bar::new("x", Wanted::AtLeast(0.7))
            .with("1", 0.9)
            .with("64", 0.69);
        assert!(!bar.holds());
        let bar = Bar::new("x", Wanted::AtMost(1.5))
            .with("1", 0.9)
            .with("64", 1.5);
        assert!(bar.holds());
    }
}
