use super::{Scratch, samples::*};
use crate::{Change, FailedLogins, Storage};

pub async fn failures_in_a_row_are_counted(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    done(
        storage
            .apply(vec![insert(&guest("G")), insert(&guest("H"))])
            .await,
    );
    for number in 1..=3 {
        done(
            storage
                .apply(vec![failure("G", i64::from(number), 0)])
                .await,
        );
        let expected = FailedLogins {
            count: number,
            last: active(number.into()),
        };
        assert_eq!(expected, failures(&*storage, "G").await);
    }
    assert_eq!(FailedLogins::default(), failures(&*storage, "H").await);
}

pub async fn a_row_whose_last_failure_is_too_old_is_over(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let changes = vec![
        insert(&guest("G")),
        failure("G", 10, 0),
        failure("G", 20, 0),
    ];
    done(storage.apply(changes).await);

    done(storage.apply(vec![failure("G", 30, 20)]).await);
    assert_eq!(3, failures(&*storage, "G").await.count, "not older yet");
    done(storage.apply(vec![failure("G", 40, 31)]).await);
    let expected = FailedLogins {
        count: 1,
        last: active(40),
    };
    assert_eq!(expected, failures(&*storage, "G").await);
}

pub async fn a_failure_that_comes_late_does_not_turn_back_the_time(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let changes = vec![
        insert(&guest("G")),
        failure("G", 20, 0),
        failure("G", 10, 0),
    ];
    done(storage.apply(changes).await);
    let expected = FailedLogins {
        count: 2,
        last: active(20),
    };
    assert_eq!(expected, failures(&*storage, "G").await);
}

pub async fn failures_are_forgotten(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let changes = vec![
        insert(&guest("G")),
        insert(&guest("H")),
        failure("G", 1, 0),
        failure("H", 1, 0),
    ];
    done(storage.apply(changes).await);
    let forget = |user_id| Change::ForgetFailedLogins {
        user_id: id(user_id),
    };
    done(storage.apply(vec![forget("G"), forget("NOBODY")]).await);

    assert_eq!(FailedLogins::default(), failures(&*storage, "G").await);
    assert_eq!(1, failures(&*storage, "H").await.count);
}

pub async fn the_failures_of_nobody_are_not_counted(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    done(storage.apply(vec![failure("LATER", 1, 0)]).await);
    done(storage.apply(vec![insert(&guest("LATER"))]).await);
    assert_eq!(FailedLogins::default(), failures(&*storage, "LATER").await);
}

fn failure(user_id: &str, second: i64, since: i64) -> Change {
    Change::CountFailedLogin {
        user_id: id(user_id),
        at: active(second),
        since: active(since),
    }
}

async fn failures(storage: &dyn Storage, user_id: &str) -> FailedLogins {
    let account = done(storage.account(&id(user_id)).await).unwrap();
    account.failed_logins
}
