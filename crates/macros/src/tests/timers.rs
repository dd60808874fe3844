//! Complaints about timers.

use super::taken_apart;
use crate::{
    ast::Item,
    mistakes::Mistakes,
    timer::{self, Options},
};

const RIGHT: &str = "async fn f(tick: RunTimer, ctx: &Context) -> Result<()> { .. }";
const MOMENT: &str = "is a moment with its offset from UTC, as RFC 3339 writes it:";
const CRON: &str = "write five fields (minute, hour, day of the month, month, day of the week) and a time \
                    zone if it is not UTC, like `cron = \"0 3 * * *\"` or `cron = \"0 3 * * * \
                    Europe/Berlin\"`";

/// All complaints about one attribute, in order.
fn mistakes_of(written: &str) -> Vec<String> {
    let (name, options, item) = taken_apart(written);
    assert_eq!("timer", name);
    let mut mistakes = Mistakes::default();
    let options = Options::parse(options, &mut mistakes);
    let item = Item::of(&item);
    let timer = timer::judged(&options, &item, &mut mistakes);
    assert_eq!(mistakes.is_empty(), timer.is_some());
    mistakes.messages()
}

#[track_caller]
fn check(written: &str, expected: &[&str]) {
    assert_eq!(expected, mistakes_of(written));
}

/// Checks all complaints about the options of a function that is right.
#[track_caller]
fn check_options(options: &str, expected: &[&str]) {
    check(&format!("#[timer({options})] {RIGHT}"), expected);
}

#[test]
fn none_where_all_is_well() {
    for options in [
        "every = \"1s\"",
        "every = \"366d\", jitter = \"365d\", start = \"2027-01-31T08:00:00Z\"",
        "every = \"5m\", overlap = \"skip\", missed = \"once\", timeout = \"10m\", collect = true",
        "cron = \"*/5 8-18 * * MON-FRI\", jitter = \"4m\"",
        "cron = \"0 0 29 2 *\"",
        "cron = \"0 3 * * * Europe/Berlin\", expiry = \"2027-01-31T08:00:00-08:00\"",
        "cron = \"0 3 * * *\", start = \"2027-01-01T03:00:00Z\", expiry = \"2027-01-01T03:00:01Z\"",
        "once = \"2027-01-31T08:00:00.5+05:45\", jitter = \"1h\", missed = \"skip\"",
    ] {
        check_options(options, &[]);
    }
    check(
        "#[timer(every = \"1m\")]
         pub(crate) async fn f(_: vestibule::RunTimer, _: &vestibule::Context) -> Answer { .. }",
        &[],
    );
}

#[test]
fn of_a_day_that_there_is_not() {
    for day in ["0 0 31 2 *", "0 0 30 FEB *", "0 0 31 4,6,9,11 * Asia/Tokyo"] {
        let expected = "there is no such day: this timer would never run";
        check_options(&format!("cron = \"{day}\""), &[expected]);
    }
}

#[test]
fn of_a_line_that_is_no_crontab() {
    for line in [
        "",
        "60 * * * *",
        "@daily",
        "0 3 * *",
        "0 3 * * * Europe/Atlantis",
    ] {
        let found = mistakes_of(&format!("#[timer(cron = \"{line}\")] {RIGHT}"));
        let [found] = found.as_slice() else {
            panic!("{line}: {found:?}")
        };
        assert!(found.ends_with(CRON), "{line}: {found}");
    }
    for line in [
        "0 0 3 * * *",
        "0 0 3 * * * Europe/Berlin",
        "0 3 * * * UTC 7",
    ] {
        let expected = format!("this has too many fields, of which seconds are none; {CRON}");
        check_options(&format!("cron = \"{line}\""), &[&expected]);
    }
    for value in ["= 5", "= noon", ""] {
        let expected = format!("`cron` is a line of a crontab in quotes; {CRON}");
        check_options(&format!("cron {value}"), &[&expected]);
    }
}

#[test]
fn of_a_time_that_is_none_or_too_short_or_too_long() {
    const FORM: &str =
        "`every` is a whole number with a unit (s, m, h or d) in quotes, like `every = \"1h\"`";
    for time in [
        "\"60\"",
        "\"500ms\"",
        "\"1.5h\"",
        "\"h\"",
        "\"\"",
        "\"-1s\"",
        "60",
    ] {
        check_options(&format!("every = {time}"), &[FORM]);
    }
    check_options("every", &[FORM]);
    check_options(
        "every = \"0m\"",
        &["a timer runs once a second at most; write `every = \"1s\"` or more"],
    );
    for time in [
        "367d",
        "31622401s",
        "18446744073709551615d",
        "99999999999999999999999s",
    ] {
        let expected = "`every` is 366 days at most; for what is rarer write `cron = \"..\"` or `once = \
                        \"..\"`";
        check_options(&format!("every = \"{time}\""), &[expected]);
    }
    check_options(
        "every = \"1m\", jitter = 30",
        &[
            "`jitter` is a whole number with a unit (s, m, h or d) in quotes, like `jitter = \"30s\"`",
        ],
    );
    check_options(
        "once = \"2027-01-31T08:00:00Z\", jitter = \"367d\"",
        &["`jitter` is 366 days at most"],
    );
}

#[test]
fn of_a_moment_without_its_offset() {
    for moment in [
        "\"2027-01-31\"",
        "\"2027-01-31T08:00:00\"",
        "\"2027-02-31T08:00:00Z\"",
        "7",
    ] {
        for name in ["once", "start", "expiry"] {
            let rule = if name == "once" {
                ""
            } else {
                "every = \"1h\", "
            };
            let expected = format!(
                "`{name}` {MOMENT} `{name} = \"2027-01-31T08:00:00Z\"` or `{name} = \
                 \"2027-01-31T09:00:00+01:00\"`"
            );
            check_options(&format!("{rule}{name} = {moment}"), &[&expected]);
        }
    }
}

#[test]
fn of_a_timer_without_a_rule_or_with_two() {
    let none = "when does it run? write `every = \"1h\"`, `cron = \"0 3 * * *\"` or `once = \
                \"2027-01-31T08:00:00Z\"`";
    check(&format!("#[timer] {RIGHT}"), &[none]);
    check_options("jitter = \"1s\"", &[none]);
    check_options(
        "every = \"1h\", cron = \"0 3 * * *\", once = \"2027-01-31T08:00:00Z\"",
        &[
            "a timer has one rule; take `every` or `cron` away",
            "a timer has one rule; take `every` or `once` away",
        ],
    );
}

#[test]
fn of_options_that_do_not_go_together() {
    let jitter = "`jitter` is less than `every`, or one tick would meet the next";
    check_options("every = \"1m\", jitter = \"60s\"", &[jitter]);
    check_options("jitter = \"1h\", every = \"1m\"", &[jitter]);
    check_options(
        "cron = \"0,1 3 * * *\", jitter = \"1m\"",
        &["`jitter` is less than the time between two ticks, or one tick would meet the next"],
    );
    let start = "start = \"2027-01-31T08:00:00Z\"";
    check_options(
        &format!("every = \"1m\", {start}, expiry = \"2027-01-31T09:00:00+01:00\""),
        &["`expiry` comes after `start`"],
    );
    check_options(
        &format!("cron = \"0 3 * * *\", {start}, expiry = \"2027-02-01T03:00:00Z\""),
        &["there is no tick between `start` and `expiry`: this timer would never run"],
    );
    check_options(
        &format!("once = \"2027-01-31T08:00:00Z\", {start}, expiry = \"2028-01-31T08:00:00Z\""),
        &[
            "`once` is one moment already; take `start` away",
            "`once` is one moment already; take `expiry` away",
        ],
    );
}

#[test]
fn of_options_are_reported_all_at_once() {
    let options = "`every`, `cron`, `once`, `start`, `expiry`, `jitter`, `overlap`, `missed`, `timeout` \
                   and `collect`";
    check_options(
        "every = \"1h\", every = \"2h\", overlap = \"run\", missed = never, timeout = \"11m\", order = 1, 7",
        &[
            "`every` is given twice; take one of them away",
            "`overlap` is \"skip\" (a tick that comes while the timer runs does nothing) or \"wait\" (it \
             runs the timer afterwards)",
            "`missed` is \"once\" (ticks that came while no server ran run the timer once, all together) \
             or \"skip\" (they do nothing)",
            "a call cannot wait longer than 10 minutes for a handler",
            &format!("unknown option `order`; the options are {options}"),
            &format!("expected an option like `every = \"1h\"`; the options are {options}"),
        ],
    );
}

#[test]
fn of_a_function_are_reported_all_at_once() {
    check(
        "#[timer(every = \"1h\")]
         fn f<T>(&self, tick: &RunTimer, ctx: Context, more: u8) { .. }",
        &[
            "a timer is async; write `async fn`\nexpected `async fn f(tick: RunTimer, ctx: &Context) -> \
             Result<()>`",
            "a timer is not generic",
            "a function has no `self`; what outlives a run of it belongs into `ctx.state`",
            "the first argument is the tick, `RunTimer`",
            "a timer takes two arguments, the tick and the context",
            "a timer returns `Result<()>`",
        ],
    );
}

#[test]
fn of_something_that_is_no_function() {
    check(
        "#[timer(every = \"1h\")] impl Answers<RunTimer> for Cleaner {}",
        &["`#[timer]` goes on an `async fn`; what outlives a run of it belongs into `ctx.state`"],
    );
    check(
        "#[timer(every = \"1h\")] struct Cleaner;",
        &["`#[timer]` goes on an `async fn`"],
    );
}
