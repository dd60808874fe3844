use vestibule_model::{Row, USERS, User};

use super::{Scratch, samples::*};
use crate::{FindQuery, Select, Storage, Visibility};

pub async fn users_are_found_by_descending_id(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    assert!(find(&*storage, None, 0, 10).await.is_empty());
    let changes = ["B", "C", "A"].map(|name| insert(&guest(name)));
    done(storage.apply(changes.to_vec()).await);
    assert_eq!(["C", "B", "A"], *find(&*storage, None, 0, 10).await);
}

pub async fn pages_fit_together(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let changes = ["A", "B", "C", "D", "E"].map(|name| insert(&guest(name)));
    done(storage.apply(changes.to_vec()).await);
    assert_eq!(["E", "D"], *find(&*storage, None, 0, 2).await);
    assert_eq!(["C", "B"], *find(&*storage, None, 2, 2).await);
    assert_eq!(["A"], *find(&*storage, None, 4, 2).await);
    assert!(find(&*storage, None, 6, 2).await.is_empty());
    assert!(find(&*storage, None, 0, 0).await.is_empty());
}

pub async fn only_what_the_owner_owns_is_found(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    let owned_by = |name: &str, owner: Option<&str>| -> User {
        let mut somebody = guest(name);
        somebody.owner_id = owner.map(id);
        somebody
    };
    let changes = vec![
        insert(&owned_by("A", Some("A"))),
        insert(&owned_by("B", Some("A"))),
        insert(&owned_by("C", Some("C"))),
        insert(&owned_by("D", None)),
        insert(&owned_by("E", Some("D"))),
        insert(&owned_by("F", Some("A"))),
    ];
    done(storage.apply(changes).await);
    assert_eq!(["F", "B", "A"], *find(&*storage, Some("A"), 0, 10).await);
    assert_eq!(["B"], *find(&*storage, Some("A"), 1, 1).await);
    assert_eq!(["C"], *find(&*storage, Some("C"), 0, 10).await);
    assert_eq!(["E"], *find(&*storage, Some("D"), 0, 10).await);
    assert!(find(&*storage, Some("NOBODY"), 0, 10).await.is_empty());
}

pub async fn no_page_is_too_large(scratch: &dyn Scratch) {
    let storage = scratch.open().await;
    done(storage.apply(vec![insert(&guest("A"))]).await);
    assert_eq!(["A"], *find(&*storage, None, 0, u64::MAX).await);
    assert!(find(&*storage, None, u64::MAX, u64::MAX).await.is_empty());
}

/// The ids of a page of users.
async fn find(
    storage: &dyn Storage,
    owner_id: Option<&str>,
    offset: u64,
    page_size: u64,
) -> Vec<String> {
    let visibility = owner_id.map_or(Visibility::Everything, |owner| {
        Visibility::owned_by(&id(owner))
    });
    let query = FindQuery {
        table: USERS.to_owned(),
        select: Select::Records(Vec::new()),
        condition: None,
        group_by: Vec::new(),
        having: None,
        sort: Vec::new(),
        offset,
        limit: page_size,
        visibility,
    };
    let found = done(storage.find(&query).await);
    let records = found.iter().filter_map(Row::record);
    records.map(|user| user.id().to_string()).collect()
}
