use vestibule_model::{Actor, AuditRecord, KeyKind};

use super::{Scratch, samples::*};
use crate::Change;

pub async fn the_trail_is_read_newest_first_and_in_pages(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    assert!(done(storage.audit(0, 10).await).is_empty());
    for number in 0..5 {
        // The order is that of writing: the wall clock may have jumped.
        let record = record(Actor::Admin, &number.to_string(), -number);
        done(storage.apply(vec![Change::Audit(record)]).await);
    }
    for (offset, limit, expected) in [
        (0, 10, vec!["4", "3", "2", "1", "0"]),
        (0, 2, vec!["4", "3"]),
        (2, 2, vec!["2", "1"]),
        (4, 2, vec!["0"]),
        (6, 2, vec![]),
        (0, 0, vec![]),
        (0, u64::MAX, vec!["4", "3", "2", "1", "0"]),
        (u64::MAX, 1, vec![]),
    ] {
        let read = done(storage.audit(offset, limit).await);
        let actions: Vec<_> = read.iter().map(|record| record.action.as_str()).collect();
        assert_eq!(expected, actions);
    }
}

pub async fn every_kind_of_actor_survives(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let mut records = vec![
        record(Actor::Admin, "removeUser", 1),
        record(
            Actor::Handler("magic_link::redeem".to_owned()),
            "loginByObjectId",
            2,
        ),
    ];
    records.extend(KeyKind::ALL.map(|kind| record(Actor::Key(kind), "assignRole", 3)));
    records[0].subject = Some(id("GONE"));
    records[1].subject = Some(id("ANN"));
    records[1].caller = Some(id("EVE"));
    let changes = records.iter().cloned().map(Change::Audit).collect();
    done(storage.apply(changes).await);

    records.reverse();
    assert_eq!(records, done(storage.audit(0, 10).await));
}

fn record(actor: Actor, action: &str, second: i64) -> AuditRecord {
    AuditRecord {
        at: at(second),
        actor,
        action: action.to_owned(),
        subject: None,
        caller: None,
    }
}
