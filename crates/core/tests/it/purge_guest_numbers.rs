//! Guests in numbers: the plan, and thirty days of a shop.

use std::{collections::BTreeSet, time::Duration};

use futures::future::join_all;
use vestibule::prelude::*;
use vestibule_core::{GuestsPlan, PlannedGuest, Prospect};
use vestibule_storage::{Change, NewUser};
use vestibule_testkit::{TestClient, TestKit};

use crate::{
    purge_guest::{by_hand, exists, sweep},
    shop,
};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Every page of the plan, two guests on each.
async fn plan(kit: &TestKit) -> (Vec<PlannedGuest>, GuestsPlan) {
    let mut guests = Vec::new();
    let mut after = None;
    loop {
        let plan = kit.engine().guests_plan(after, 2).await;
        let mut plan = plan.unwrap_or_else(|error| panic!("{}", error.log()));
        assert!(plan.guests.len() <= 2);
        guests.append(&mut plan.guests);
        // Its text goes to the operator and comes back.
        after = plan
            .next
            .as_ref()
            .map(|next| next.to_string().parse().unwrap());
        if after.is_none() {
            return (guests, plan);
        }
    }
}

fn prospect(guests: &[PlannedGuest], id: &ObjectId) -> Option<Prospect> {
    let mut found = guests.iter().filter(|guest| guest.id == *id);
    let prospect = found.next().map(|guest| guest.prospect);
    assert!(found.next().is_none(), "{id} is listed once");
    prospect
}

#[before(collect = false)]
async fn keep_those_with_a_mark(event: &mut PurgeGuest, ctx: &Context) -> Result<Flow<PurgeGuest>> {
    let marked = event.guest().created.as_millis() % 2 == 1;
    Ok(if marked {
        Flow::Respond(Purged::kept_for_a_day(ctx.now()))
    } else {
        Flow::Continue
    })
}

#[tokio::test]
async fn the_plan_says_who_goes_and_why_and_touches_nothing() {
    let kit = shop::open(by_hand(TestKit::with::<keep_those_with_a_mark>()))
        .setting("guests.ownedRows", "keep-guest")
        .setting("guests.cleanup", true)
        // Nothing happens by itself in this test.
        .setting("guests.sweepSeconds", 2_592_000)
        .start()
        .await;
    kit.clock().advance(Duration::from_millis(1));
    let kept = kit.guest().await;
    kept.submit(Logout::default()).await.unwrap();
    sweep(&kit).await;
    kit.clock().advance(Duration::from_millis(1));
    let owner = kit.guest().await;
    let order = Create::new("Order", record! { "total" => 1 });
    owner.submit(order).await.unwrap();
    let (expired, leaver, user) = (kit.guest().await, kit.guest().await, kit.guest().await);
    leaver.submit(Logout::default()).await.unwrap();
    kit.clock().advance(Duration::from_secs(50));
    kit.engine().roles(user.request().await).unwrap();
    kit.clock().advance(Duration::from_secs(20));

    let (guests, plan) = self::plan(&kit).await;
    let now = kit.engine().now();
    let ten_seconds_ago = Timestamp::from_millis(now.as_millis() - 10_000);
    assert_eq!(
        Some(Prospect::Goes {
            reason: PurgeReason::SessionExpired,
            since: Some(ten_seconds_ago)
        }),
        prospect(&guests, expired.id())
    );
    assert_eq!(
        Some(Prospect::Goes {
            reason: PurgeReason::NoSession,
            since: None
        }),
        prospect(&guests, leaver.id())
    );
    assert_eq!(Some(Prospect::OwnsRows), prospect(&guests, owner.id()));
    let keeping = prospect(&guests, kept.id()).unwrap();
    assert!(matches!(keeping, Prospect::Kept { .. }), "{keeping:?}");
    let living = prospect(&guests, user.id());
    assert!(matches!(living, None | Some(Prospect::LiveSession)));
    assert_eq!((1, 5), (plan.handlers, plan.counts.all));
    for guest in [&kept, &owner, &expired, &leaver, &user] {
        assert!(exists(&kit, guest.id()).await);
    }

    let planned: BTreeSet<_> = guests
        .iter()
        .filter(|guest| guest.prospect.goes())
        .map(|guest| guest.id.clone())
        .collect();
    let swept = kit.engine().sweep_guests().await.unwrap();
    assert_eq!(planned, swept.purged.into_iter().collect());

    kit.set("guests.cleanup", false).await;
    let last = kit.guest().await;
    last.submit(Logout::default()).await.unwrap();
    let (guests, _) = self::plan(&kit).await;
    let off = prospect(&guests, last.id()).unwrap();
    assert!(matches!(off, Prospect::CleanupIsOff { .. }), "{off:?}");
}

/// What a guest of the shop does.
#[derive(Clone, Copy, PartialEq)]
enum Habit {
    Registers,
    LogsOut,
    ComesBackDaily,
    Leaves,
}

impl Habit {
    fn of(guest: usize) -> Self {
        match guest % 100 {
            0 => Self::Registers,
            1..=10 => Self::LogsOut,
            11..=15 => Self::ComesBackDaily,
            _ => Self::Leaves,
        }
    }
}

const GUESTS: usize = 10_000;
const DAYS: usize = 30;
/// Guests are gone after two days without a visit; who left on day 0 is so on day 3.
const STAYS: usize = 3;

fn arrivals(day: usize) -> std::ops::Range<usize> {
    GUESTS * day / DAYS..GUESTS * (day + 1) / DAYS
}

fn count(days: impl Iterator<Item = usize>, habit: Habit) -> usize {
    days.flat_map(arrivals)
        .filter(|guest| Habit::of(*guest) == habit)
        .count()
}

async fn arrive<'a>(kit: &'a TestKit, guest: usize) -> (Habit, TestClient<'a>) {
    let login = kit.anonymous().submit(LoginAsGuest::default()).await;
    let client = kit.anonymous().logged_in(&login.unwrap());
    let habit = Habit::of(guest);
    match habit {
        Habit::Registers => {
            let email = format!("guest{guest}@example.com");
            let user = record! { "email" => email, "password" => "secret" };
            let convert = ConvertGuest::new(client.id().clone(), user);
            client.submit(convert).await.unwrap();
        }
        Habit::LogsOut => client.submit(Logout::default()).await.unwrap(),
        Habit::ComesBackDaily | Habit::Leaves => {}
    }
    (habit, client)
}

#[tokio::test]
async fn in_thirty_days_of_a_shop_exactly_those_go_who_cannot_come_back() {
    let kit = TestKit::bare()
        .setting("sessions.inactivityTimeoutSeconds", 2 * 24 * 3600)
        .setting("guests.cleanup", false)
        .setting("guests.perAddressPerMinute", 0)
        .start()
        .await;
    let mut regulars = Vec::new();
    let mut purged = 0;
    for day in 0..DAYS {
        for batch in arrivals(day).collect::<Vec<_>>().chunks(100) {
            let arrived = join_all(batch.iter().map(|guest| arrive(&kit, *guest))).await;
            let staying = arrived
                .into_iter()
                .filter(|(habit, _)| *habit == Habit::ComesBackDaily);
            regulars.extend(staying.map(|(_, client)| client));
        }
        for regular in &regulars {
            kit.engine().roles(regular.request().await).unwrap();
        }
        kit.clock().advance(DAY);
        purged += sweep(&kit).await;
        // It is the morning of the next day.
        let expected = count(0..day + 1, Habit::LogsOut)
            + count(0..(day + 1).saturating_sub(STAYS - 1), Habit::Leaves);
        assert_eq!(expected, purged, "after day {day}");
    }

    let numbers = kit.engine().count_guests().await.unwrap();
    assert_eq!(
        (GUESTS as u64, 100, purged as u64),
        (numbers.made, numbers.converted, numbers.purged)
    );
    let (counts, _) = numbers.counted.unwrap();
    assert_eq!((GUESTS - 100 - purged) as u64, counts.all);
    assert_eq!((counts.all, 0, 0), (counts.live, counts.gone, counts.kept));
    for regular in &regulars {
        assert!(regular.is_alive().await);
    }
    assert_eq!(100, registered(&kit).await);
}

async fn registered(kit: &TestKit) -> u64 {
    let enabled = Count::new("Users", Query::matching("userStatus = 'ENABLED'"));
    kit.code_runner().submit(enabled).await.unwrap()
}

#[tokio::test]
async fn a_page_of_the_plan_is_little_work_however_many_are_kept() {
    let kit = by_hand(TestKit::bare()).start().await;
    let until = kit.engine().now().plus(DAY);
    let kept = (0..300).flat_map(|number| {
        let id = ObjectId::parse(&format!("KEPT-{number}")).unwrap();
        let user = User::new(id.clone(), UserStatus::Guest, kit.engine().now());
        let password = None;
        [
            Change::InsertUser(NewUser { user, password }),
            Change::KeepGuest { id, until },
        ]
    });
    kit.storage().apply(kept.collect()).await.unwrap();
    let first = kit.engine().guests_plan(None, 2).await.unwrap();
    assert!(first.guests.is_empty() && first.next.is_some());
    let (guests, _) = plan(&kit).await;
    assert_eq!(300, guests.len());
}
