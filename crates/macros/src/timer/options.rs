//! What stands in the parentheses of `#[timer(..)]`.

use std::time::Duration;

use jiff::Timestamp;
use proc_macro2::{Ident, Span, TokenStream};
use syn::{Error, LitStr, Result};

use super::{cron::Line, time};
use crate::{
    attr::{self, Part, given_twice, split_at_commas, wrong},
    mistakes::Mistakes,
};

const RULES: &str = "`every = \"1h\"`, `cron = \"0 3 * * *\"` or `once = \"2027-01-31T08:00:00Z\"`";
const KNOWN: &str = "`every`, `cron`, `once`, `start`, `expiry`, `jitter`, `overlap`, `missed`, \
                     `timeout` and `collect`";

/// The options of a timer; what was not given has its default.
#[derive(Default)]
pub(crate) struct Options {
    pub(super) rule: Option<Rule>,
    pub(super) start: Option<Timestamp>,
    pub(super) expiry: Option<Timestamp>,
    pub(super) jitter: Duration,
    pub(super) overlap_waits: bool,
    pub(super) missed_are_skipped: bool,
    /// Those that every handler has.
    pub(super) handler: attr::Options,
    given: Vec<Given>,
}

/// The ticks.
pub(super) enum Rule {
    Every(Duration),
    Cron(Line),
    Once(Timestamp),
}

/// An option as it was written, to point at.
struct Given {
    name: Ident,
    value: TokenStream,
}

impl Options {
    /// Reads what can be read, and reports the rest.
    pub(crate) fn parse(tokens: TokenStream, mistakes: &mut Mistakes) -> Self {
        let mut options = Self::default();
        for part in split_at_commas(tokens) {
            let taken = match syn::parse2::<Part>(part.clone()) {
                Ok(part) => options.take(part),
                Err(_) => {
                    let text = format!(
                        "expected an option like `every = \"1h\"`; the options are {KNOWN}"
                    );
                    Err(Error::new_spanned(part, text))
                }
            };
            if let Err(mistake) = taken {
                mistakes.add(mistake);
            }
        }
        options
    }

    fn take(&mut self, Part { name, value }: Part) -> Result<()> {
        if self.given(&name.to_string()).is_some() {
            return Err(given_twice(&name));
        }
        // Also if its value is wrong: somebody wanted it.
        self.given.push(Given {
            name: name.clone(),
            value: value.clone(),
        });
        match name.to_string().as_str() {
            "every" => self.rule = Some(Rule::Every(time::every(value, &name)?)),
            "cron" => self.rule = Some(Rule::Cron(Line::read(value, &name)?)),
            "once" => self.rule = Some(Rule::Once(time::moment(value, &name)?)),
            "start" => self.start = Some(time::moment(value, &name)?),
            "expiry" => self.expiry = Some(time::moment(value, &name)?),
            "jitter" => self.jitter = time::jitter(value, &name)?,
            "overlap" => self.overlap_waits = overlap(value, &name)?,
            "missed" => self.missed_are_skipped = missed(value, &name)?,
            "timeout" => self.handler.timeout = Some(attr::timeout(value, &name)?),
            "collect" => self.handler.do_not_collect = !attr::collect(value, &name)?,
            _ => {
                let text = format!("unknown option `{name}`; the options are {KNOWN}");
                return Err(Error::new(name.span(), text));
            }
        }
        Ok(())
    }

    fn given(&self, name: &str) -> Option<&Given> {
        self.given.iter().find(|given| given.name == name)
    }

    /// Reports options that do not go together.
    pub(super) fn judge(&self, mistakes: &mut Mistakes) {
        let rules: Vec<&Ident> = self
            .given
            .iter()
            .map(|given| &given.name)
            .filter(|name| ["every", "cron", "once"].iter().any(|rule| name == rule))
            .collect();
        match rules.as_slice() {
            [] => mistakes.add(Error::new(
                Span::call_site(),
                format!("when does it run? write {RULES}"),
            )),
            [_] => self.judge_ticks(mistakes),
            [first, others @ ..] => {
                for other in others {
                    let text = format!("a timer has one rule; take `{first}` or `{other}` away");
                    mistakes.at(other, text);
                }
            }
        }
    }

    fn judge_ticks(&self, mistakes: &mut Mistakes) {
        if self.given("once").is_some() {
            for name in ["start", "expiry"] {
                if let Some(given) = self.given(name) {
                    let text = format!("`once` is one moment already; take `{name}` away");
                    mistakes.at(&given.name, text);
                }
            }
            return;
        }
        if let (Some(start), Some(expiry)) = (self.start, self.expiry)
            && expiry <= start
        {
            self.at("expiry", "`expiry` comes after `start`", mistakes);
        } else if let (Some(Rule::Cron(line)), Some(start), Some(expiry)) =
            (&self.rule, self.start, self.expiry)
            && line.first_from(start).is_none_or(|tick| tick >= expiry)
        {
            let text = "there is no tick between `start` and `expiry`: this timer would never run";
            self.at("expiry", text, mistakes);
        }
        let (between, text) = match &self.rule {
            Some(Rule::Every(time)) => (*time, "`jitter` is less than `every`"),
            Some(Rule::Cron(line)) => (
                line.shortest_gap(),
                "`jitter` is less than the time between two ticks",
            ),
            _ => return,
        };
        if self.jitter >= between {
            self.at(
                "jitter",
                &format!("{text}, or one tick would meet the next"),
                mistakes,
            );
        }
    }

    /// Reports a mistake at the value of an option.
    fn at(&self, name: &str, text: &str, mistakes: &mut Mistakes) {
        if let Some(given) = self.given(name) {
            mistakes.add(wrong(given.value.clone(), &given.name, text));
        }
    }
}

fn overlap(value: TokenStream, name: &Ident) -> Result<bool> {
    let text = syn::parse2::<LitStr>(value.clone()).map(|text| text.value());
    match text.as_deref() {
        Ok("wait") => Ok(true),
        Ok("skip") => Ok(false),
        _ => Err(wrong(
            value,
            name,
            "`overlap` is \"skip\" (a tick that comes while the timer runs does nothing) or \"wait\" \
             (it runs the timer afterwards)",
        )),
    }
}

fn missed(value: TokenStream, name: &Ident) -> Result<bool> {
    let text = syn::parse2::<LitStr>(value.clone()).map(|text| text.value());
    match text.as_deref() {
        Ok("skip") => Ok(true),
        Ok("once") => Ok(false),
        _ => Err(wrong(
            value,
            name,
            "`missed` is \"once\" (ticks that came while no server ran run the timer once, all \
             together) or \"skip\" (they do nothing)",
        )),
    }
}
