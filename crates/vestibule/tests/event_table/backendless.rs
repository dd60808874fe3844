//! The events that Backendless has, by name and number, as far as we have counterparts.

/// Names without `before` and `after`, and the numbers of their before events; the number of an after
/// event is one more. As the CodeRunner of Backendless declares them, in its `events.js`.
const PAIRS: [(&str, &[u16]); 23] = [
    ("Create", &[100]),
    ("FindById", &[102, 216]),
    ("LoadRelations", &[104]),
    ("Remove", &[106, 206]),
    ("Update", &[108, 204]),
    ("Find", &[112, 214]),
    ("UpdateBulk", &[118, 218]),
    ("RemoveBulk", &[120, 220]),
    ("AddRelation", &[122]),
    ("SetRelation", &[124]),
    ("DeleteRelation", &[126]),
    ("Count", &[128]),
    ("CreateBulk", &[130]),
    ("Group", &[136, 234]),
    ("CountInGroup", &[138]),
    ("Upsert", &[140]),
    ("UpsertBulk", &[142]),
    ("Login", &[200]),
    ("Register", &[202]),
    ("RestorePassword", &[210]),
    ("Logout", &[212]),
    ("EmailConfirmed", &[222]),
    ("LoginAsGuest", &[228]),
];

/// What is no pair of events there.
const OTHERS: [(&str, &[u16]); 4] = [
    ("none", &[]),
    ("a timer", &[800]),
    ("a custom event", &[900]),
    ("an API service", &[]),
];

/// Compares what the docs of an event say with these lists: names, and their numbers.
pub(crate) fn check(said: &str) -> Result<(), String> {
    let of_pairs = PAIRS.iter().find(|(name, _)| {
        let forms = [format!("`before{name}`"), format!("`after{name}`")];
        forms.iter().any(|form| said.contains(form))
    });
    let of_others = || OTHERS.iter().find(|(name, _)| said.starts_with(name));
    let known = of_pairs.or_else(of_others);
    let (name, numbers) = known.ok_or("Backendless has no such event; write `none`")?;

    let said_numbers: Vec<u16> = said
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|number| number.parse().ok())
        .collect();
    let are_right = said_numbers.iter().all(|number| numbers.contains(number));
    if are_right && said_numbers.is_empty() == numbers.is_empty() {
        return Ok(());
    }
    Err(format!("the number of `{name}` is one of {numbers:?}"))
}
