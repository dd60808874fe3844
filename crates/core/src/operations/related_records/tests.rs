use std::sync::Mutex;

use async_trait::async_trait;
use vestibule_model::{Relation, Value};
use vestibule_storage::{CountQuery, FindQuery, RelatedQuery, StorageError};

use super::*;

/// Every person knows `friends` others, or one best friend; everybody has a number.
struct People {
    friends: usize,
    /// What friends have to say.
    text: String,
    asked: Mutex<Vec<(String, usize)>>,
}

impl People {
    fn with(friends: usize) -> Self {
        Self {
            friends,
            text: String::new(),
            asked: Mutex::default(),
        }
    }

    /// What was asked for: relation and number of parents.
    fn asked(&self) -> Vec<(String, usize)> {
        self.asked.lock().unwrap().clone()
    }
}

#[async_trait]
impl Records for People {
    async fn find(&self, _: &FindQuery) -> Result<Vec<Row>, StorageError> {
        Ok(Vec::new())
    }

    async fn count(&self, _: &CountQuery) -> Result<u64, StorageError> {
        Ok(0)
    }

    async fn related(
        &self,
        query: &RelatedQuery,
    ) -> Result<Vec<(ObjectId, Vec<Record>)>, StorageError> {
        let asked = (query.relation.clone(), query.parents.len());
        self.asked.lock().unwrap().push(asked);
        let friends = match query.relation.as_str() {
            "best" => 1,
            _ => self.friends.min(usize::try_from(query.limit).unwrap()),
        };
        let parents = query.parents.iter();
        Ok(parents
            .map(|parent| {
                let friends = (0..friends).map(|number| {
                    let mut friend = person(&format!("P{number}"));
                    let text = self.text.as_str().into();
                    friend.properties.insert("text".to_owned(), text);
                    friend
                });
                (parent.clone(), friends.collect())
            })
            .collect())
    }
}

fn person(id: &str) -> Record {
    let mut person = Record::new("Person", ObjectId::parse(id).unwrap());
    let number = Value::from(id);
    person.properties.insert("number".to_owned(), number);
    person
}

fn catalogue() -> Catalogue {
    let mut table = Table::new("Person");
    let relation = |name: &str, cardinality| Relation {
        name: name.to_owned(),
        to_table: "Person".to_owned(),
        cardinality,
    };
    table.relations = vec![
        relation("best", Cardinality::OneToOne),
        relation("friends", Cardinality::OneToMany),
    ];
    Catalogue {
        tables: vec![table],
    }
}

async fn load(people: &People, query: &Query, roots: usize) -> Result<Vec<Record>> {
    let catalogue = catalogue();
    let wanted = Wanted::of(query, &catalogue, &catalogue.tables[0])?;
    let mut roots: Vec<_> = (0..roots).map(|root| person(&format!("R{root}"))).collect();
    let related = RelatedRecords {
        storage: people,
        catalogue: &catalogue,
        visibility: Visibility::Everything,
        loadable: &|_| Rows::All,
    };
    match related.load(&wanted, roots.iter_mut().collect()).await {
        Ok(()) => Ok(roots),
        Err(Failed::Finally(error)) => Err(error),
        Err(Failed::Outdated) => panic!("nobody changed the schema"),
    }
}

fn levels(levels: i64) -> Query {
    Query {
        relations_depth: Some(levels),
        ..Query::default()
    }
}

fn friends(record: &Record) -> &[Record] {
    match &record.related["friends"] {
        Related::Many(friends) => friends,
        Related::One(_) => panic!("friends are many"),
    }
}

#[tokio::test]
async fn a_long_text_in_many_places_is_refused_before_it_fills_the_memory() {
    let mut people = People::with(100);
    people.text = "x".repeat(1024 * 1024);
    let one_level = Query {
        relations_page_size: Some(60),
        ..levels(1)
    };
    let best = Query {
        load_relations: vec!["best".to_owned()],
        ..Query::default()
    };
    assert!(load(&people, &best, 60).await.is_ok());
    for query in [&one_level, &best] {
        let error = load(&people, query, 70).await.unwrap_err();
        assert_eq!(8008, error.code().number());
        assert!(error.message().contains("64 MiB"), "{error}");
    }
}

#[tokio::test]
async fn a_level_costs_one_statement_for_each_relation_however_many_records_refer_by_it() {
    let people = People::with(3);
    let loaded = load(&people, &levels(2), 50).await.unwrap();
    let asked = people.asked();
    assert_eq!(
        ["best", "friends", "best", "friends"],
        asked
            .iter()
            .map(|(relation, _)| &**relation)
            .collect::<Vec<_>>()[..]
    );
    // The second level asks for each of the three friends once, whoever leads to them.
    assert_eq!(
        vec![50, 50, 3, 3],
        asked
            .iter()
            .map(|(_, parents)| *parents)
            .collect::<Vec<_>>()
    );
    let friend = &friends(&loaded[49])[2];
    assert_eq!(3, friends(friend).len());
    assert!(friends(friend)[0].related.is_empty());
}

#[tokio::test]
async fn a_record_in_two_lists_is_complete_in_both() {
    let people = People::with(1);
    let loaded = load(&people, &levels(1), 1).await.unwrap();
    let Related::One(Some(best)) = &loaded[0].related["best"] else {
        panic!("no best friend");
    };
    assert_eq!(&**best, &friends(&loaded[0])[0]);
}

#[tokio::test]
async fn paths_load_what_they_name_and_nothing_else() {
    let people = People::with(2);
    let query = Query::new().load("best.friends, friends.*").load("");
    let loaded = load(&people, &query, 1).await.unwrap();
    let Related::One(Some(best)) = &loaded[0].related["best"] else {
        panic!("no best friend");
    };
    assert_eq!(vec!["friends"], best.related.keys().collect::<Vec<_>>());
    let friend = &friends(&loaded[0])[1];
    assert_eq!(
        vec!["best", "friends"],
        friend.related.keys().collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn nothing_is_asked_when_nothing_is_wanted() {
    let people = People::with(2);
    load(&people, &levels(0), 3).await.unwrap();
    assert_eq!(0, people.asked().len());
}

#[tokio::test]
async fn a_relation_that_does_not_exist_is_1021_and_too_many_levels_are_8008() {
    let people = People::with(1);
    for (query, code) in [
        (Query::new().load("enemies"), 1021),
        (Query::new().load("friends.number"), 1021),
        (Query::new().load("friends..best"), 1021),
        (Query::new().load("*.friends"), 1021),
        (Query::new().load("best.best.best.best.best.best"), 8008),
        (levels(6), 8008),
        (levels(-1), 8008),
        (levels(i64::MAX), 8008),
    ] {
        let error = load(&people, &query, 0).await.unwrap_err();
        assert_eq!(code, error.code().number(), "{query:?}");
    }
    assert_eq!(0, people.asked().len());
}

#[tokio::test]
async fn a_load_that_grows_too_large_is_refused() {
    let people = People::with(100);
    let query = Query {
        relations_page_size: Some(100),
        ..levels(5)
    };
    let error = load(&people, &query, 100).await.unwrap_err();
    assert_eq!(8008, error.code().number());
    assert!(people.asked().len() < 10, "{:?}", people.asked());
}
