//! Data that is wrong: the documented code, nothing stored, and never a 500.

use http::Method;
use serde_json::{Value as Json, json};

use crate::app::{App, id, with_query};

/// An order with a column of every type, and a related item.
async fn order(app: &App) -> String {
    let record = json!({
        "text": "a", "whole": 7, "rate": 1.5, "paid": true, "tags": { "a": 1 },
    });
    app.record("Item", json!({ "n": 1 })).await;
    let order = app.record("Order", record).await;
    let path = format!("/data/Order/{}/items:Item:n", id(&order));
    app.post(&path).json(&json!([])).send().await.ok();
    let at = json!({ "name": "at", "type": "DATETIME" });
    let ask = app.admin(Method::POST, "/tables/Order/columns").json(&at);
    assert_eq!(201, ask.send().await.status);
    id(&order).to_owned()
}

/// Everything that is stored, to be compared.
async fn stored(app: &App) -> Json {
    let tables = app.admin(Method::GET, "/tables").send().await.ok();
    let mut rows = Vec::new();
    for table in tables.as_array().unwrap() {
        let name = table["name"].as_str().unwrap();
        rows.push(
            app.found(name, json!({ "pageSize": 100, "relationsDepth": 1 }))
                .await,
        );
    }
    json!({ "tables": tables, "rows": rows })
}

#[tokio::test]
async fn a_value_of_the_wrong_type_is_refused_and_nothing_is_stored() {
    let app = App::start().await;
    let order = order(&app).await;
    let before = stored(&app).await;
    let wrong_type = |column: &str| {
        format!(
            "Unable to save object - invalid data type for properties - {column}. You can change \
             the property type in developer console."
        )
    };
    for (code, column, value) in [
        (1007, "text", json!(7)),
        (1007, "text", json!({})),
        (1007, "whole", json!("seven")),
        (1007, "whole", json!(true)),
        (1007, "rate", json!("x")),
        (1007, "paid", json!("invalid number")),
        (1007, "paid", json!(2)),
        (8003, "at", json!("not a date")),
        (8003, "at", json!(true)),
        (8000, "text", json!("x".repeat(501))),
    ] {
        let body = json!({ column: value });
        for answer in [
            app.post("/data/Order").json(&body).send().await,
            app.put("/data/Order").json(&body).send().await,
            app.put("/data/Order/upsert").json(&body).send().await,
            app.put(&format!("/data/Order/{order}"))
                .json(&body)
                .send()
                .await,
            app.post("/data/bulk/Order")
                .json(&json!([{}, body]))
                .send()
                .await,
            app.put("/data/bulkupsert/Order")
                .json(&json!([{}, body]))
                .send()
                .await,
            app.put(&with_query("/data/bulk/Order", &[("where", "whole > 0")]))
                .json(&body)
                .send()
                .await,
            app.put("/data/Order/deep-save").json(&body).send().await,
        ] {
            let message = answer.refused(400, code);
            match code {
                1007 => assert_eq!(wrong_type(column), message),
                8003 => assert_eq!(
                    format!("Invalid date format for property {column}"),
                    message
                ),
                _ => assert!(message.contains(column), "{message}"),
            }
        }
    }
    assert_eq!(before, stored(&app).await);
}

#[tokio::test]
async fn an_unknown_table_is_1009_and_is_never_made_by_asking() {
    let app = App::start().await;
    let long = "x".repeat(300);
    for table in [
        "Nope",
        "users",
        "USERS",
        "sqlite_master",
        "a%22b",
        "a%20b;--",
        &long,
    ] {
        for answer in [
            app.get(&format!("/data/{table}")).send().await,
            app.get(&format!("/data/{table}/1")).send().await,
            app.get(&format!("/data/{table}/1/items")).send().await,
            app.get(&format!("/data/{table}/properties")).send().await,
            app.get(&format!("/data/{table}/table-name")).send().await,
            app.post(&format!("/data/{table}/find")).send().await,
            app.post(&format!("/data/{table}/count")).send().await,
            app.post(&format!("/data/data-grouping/{table}"))
                .body(r#"{"groupBy":"a"}"#)
                .send()
                .await,
            app.delete(&format!("/data/{table}/1")).send().await,
            app.post(&format!("/data/bulk/{table}/delete"))
                .body(r#"{"where":"a=1"}"#)
                .send()
                .await,
            app.put(&format!("/data/bulk/{table}?where=a%3D1"))
                .body(r#"{"a":2}"#)
                .send()
                .await,
        ] {
            let message = answer.refused(400, 1009);
            assert!(message.starts_with("Table not found by name 'Table not found by name '"));
        }
    }
    let tables = app.admin(Method::GET, "/tables").send().await.ok();
    assert_eq!(1, tables.as_array().unwrap().len());
}

#[tokio::test]
async fn a_name_that_cannot_be_one_is_refused_and_nothing_is_stored() {
    let app = App::start().await;
    order(&app).await;
    let before = stored(&app).await;
    let long = "x".repeat(300);
    for table in [
        "a%22b",
        "a'b",
        "1a",
        "a%20b",
        "a;b",
        "sqlite_x",
        "vestibule_x",
        "t%C3%A4",
        &long,
    ] {
        for answer in [
            app.post(&format!("/data/{table}")).body("{}").send().await,
            app.put(&format!("/data/{table}/upsert"))
                .body("{}")
                .send()
                .await,
            app.post(&format!("/data/bulk/{table}"))
                .body("[{}]")
                .send()
                .await,
        ] {
            answer.refused(400, 1154);
        }
    }
    for table in ["order", "ORDER", "users"] {
        let path = format!("/data/{table}");
        app.post(&path).body("{}").send().await.refused(400, 1161);
    }
    for (code, column) in [
        (1154, "a\"b"),
        (1154, "a'b"),
        (1154, "1a"),
        (1154, "a b"),
        (1154, "a;drop table Order"),
        (1154, "ä"),
        (1154, ""),
        (1154, long.as_str()),
        (1152, "Whole"),
        (1152, "OBJECTID"),
        (1152, "Items"),
    ] {
        let body = json!({ column: 1 });
        for answer in [
            app.post("/data/Order").json(&body).send().await,
            app.put("/data/bulkupsert/Order")
                .json(&json!([body]))
                .send()
                .await,
        ] {
            answer.refused(400, code);
        }
    }
    assert_eq!(before, stored(&app).await);
}

#[tokio::test]
async fn a_clause_that_cannot_be_used_is_refused_wherever_it_stands() {
    let app = App::start().await;
    let order = order(&app).await;
    let before = stored(&app).await;
    let parentheses = format!("{}whole = 1{}", "(".repeat(1000), ")".repeat(1000));
    let nots = format!("{}whole = 1", "not ".repeat(1000));
    let lists = format!("whole in ({}1)", "1,".repeat(5_000));
    let ands = format!("whole = 1{}", " and whole = 1".repeat(2_000));
    let clauses = [
        "whole in (select 1)",
        "(select count(*) from Users) > 0",
        "exists (select 1)",
        "whole = 1 -- comment",
        "whole = 1 /* comment */",
        "whole = 1; drop table Item",
        "whole = 1 union select 1",
        "whole =",
        "= 1",
        "whole",
        "whole = 1 and",
        "text = 'a",
        "text = \"a\"",
        "sleep(5) = 1",
        "load_extension('x') = 1",
        "randomblob(1000000000) is null",
        "whole = 1 = 1",
        "whole & 1 = 1",
        "case when 1 then 1 end = 1",
        &parentheses,
        &nots,
        &lists,
        &ands,
    ];
    for clause in clauses {
        let shown: String = clause.chars().take(60).collect();
        let body = json!({ "where": clause });
        let relation = format!("/data/Order/{order}/items");
        let of_items = clause.replace("whole", "n").replace("text", "ownerId");
        for answer in [
            app.post("/data/Order/find").json(&body).send().await,
            app.post("/data/Order/count").json(&body).send().await,
            app.post("/data/bulk/Order/delete").json(&body).send().await,
            app.put(&with_query("/data/bulk/Order", &[("where", clause)]))
                .body(r#"{"text":"b"}"#)
                .send()
                .await,
            app.put(&with_query(&relation, &[("whereClause", &of_items)]))
                .send()
                .await,
        ] {
            assert_eq!(400, answer.status, "{shown}: {}", answer.text);
            let message = answer.refused(400, 1017);
            assert!(message.len() < 1000, "{shown}: {message}");
        }
    }
    for clause in [
        "shoe = 1",
        "items.shoe = 1",
        "shoes.n = 1",
        "Nope[items].n = 1",
        "Item[shoes].n = 1",
    ] {
        let answer = app
            .post("/data/Order/find")
            .json(&json!({ "where": clause }))
            .send()
            .await;
        assert_eq!(400, answer.status, "{clause}: {}", answer.text);
        let code = serde_json::from_str::<Json>(&answer.text).unwrap()["code"].clone();
        assert!(
            [1006, 1009, 1127].contains(&code.as_i64().unwrap()),
            "{clause}: {}",
            answer.text
        );
    }
    assert_eq!(before, stored(&app).await);
}

#[tokio::test]
async fn a_query_that_cannot_be_answered_is_refused_with_the_code_of_its_kind() {
    let app = App::start().await;
    order(&app).await;
    for (code, query) in [
        (1005, json!({ "pageSize": -1 })),
        (1005, json!({ "pageSize": 0 })),
        (1025, json!({ "pageSize": 101 })),
        (1025, json!({ "pageSize": 1_000_000_000_000_i64 })),
        (1025, json!({ "pageSize": i64::MAX })),
        (1005, json!({ "pageSize": i64::MIN })),
        (1004, json!({ "offset": -1 })),
        (8008, json!({ "pageSize": "ten" })),
        (8008, json!({ "pageSize": 1.5 })),
        (8008, json!({ "where": 7 })),
        (8008, json!({ "distinct": "perhaps" })),
        (8008, json!({ "props": [7] })),
        (1006, json!({ "props": "shoe" })),
        (1006, json!({ "sortBy": "shoe" })),
        (1006, json!({ "groupBy": "shoe" })),
        (1006, json!({ "excludeProps": "shoe" })),
        (1006, json!({ "props": "Max(shoe)" })),
        (
            19001,
            json!({ "props": "Max(whole) as m", "groupBy": "text", "having": "m >" }),
        ),
        (
            19001,
            json!({ "props": "text", "groupBy": "text", "having": "(select 1) = 1" }),
        ),
    ] {
        let answer = app.post("/data/Order/find").json(&query).send().await;
        answer.refused(400, code);
    }
    for query in [
        json!({ "props": "sleep(1)" }),
        json!({ "props": "whole as" }),
        json!({ "props": "whole as \"x\"" }),
        json!({ "props": "(select 1) as x" }),
        json!({ "props": "Max(" }),
        json!({ "sortBy": "whole sideways" }),
        json!({ "sortBy": "whole; drop table Item" }),
        json!({ "groupBy": "whole; drop table Item" }),
        json!({ "relationsPageSize": 0 }),
        json!({ "relationsPageSize": 101 }),
        json!({ "relationsDepth": -1 }),
        json!({ "relationsDepth": 1_000_000 }),
        json!({ "loadRelations": "shoes" }),
        json!({ "loadRelations": "items.shoes" }),
        json!({ "loadRelations": "items.".repeat(500) }),
        json!({ "props": "whole,".repeat(5_000) }),
        json!({ "sortBy": "whole,".repeat(5_000) }),
    ] {
        let answer = app.post("/data/Order/find").json(&query).send().await;
        let shown: String = query.to_string().chars().take(60).collect();
        assert_eq!(400, answer.status, "{shown}: {}", answer.text);
    }
    let past = app.found("Order", json!({ "offset": i64::MAX })).await;
    assert_eq!(json!([]), past);
}

#[tokio::test]
async fn an_id_that_does_not_exist_or_cannot_is_1000() {
    let app = App::start().await;
    order(&app).await;
    let before = stored(&app).await;
    let long = "x".repeat(300);
    for id in [
        "nobody",
        "%27%20or%20%271%27=%271",
        "..%2F..",
        long.as_str(),
    ] {
        let path = format!("/data/Order/{id}");
        for answer in [
            app.get(&path).send().await,
            app.delete(&path).send().await,
            app.put(&path).json(&json!({ "whole": 1 })).send().await,
            app.get(&format!("{path}/items")).send().await,
            app.post(&format!("{path}/items"))
                .json(&json!([]))
                .send()
                .await,
        ] {
            answer.refused(400, 1000);
        }
    }
    for id in ["nobody", "", long.as_str()] {
        let body = json!({ "objectId": id, "whole": 1 });
        app.put("/data/Order")
            .json(&body)
            .send()
            .await
            .refused(400, 1000);
    }
    for id in [json!(7), json!({}), json!(["a"])] {
        let body = json!({ "objectId": id, "whole": 1 });
        app.put("/data/Order")
            .json(&body)
            .send()
            .await
            .refused(400, 8008);
    }
    assert_eq!(before, stored(&app).await);
}

#[tokio::test]
async fn an_id_that_is_taken_is_not_made_again() {
    let app = App::start().await;
    let order = order(&app).await;
    let body = json!([{ "objectId": "new" }, { "objectId": order }]);
    app.post("/data/bulk/Order")
        .json(&body)
        .send()
        .await
        .refused(400, 1101);
    assert_eq!(0, app.count("Order", "objectId = 'new'").await);
}

#[tokio::test]
async fn an_update_that_says_nothing_is_1001() {
    let app = App::start().await;
    let order = order(&app).await;
    let path = format!("/data/Order/{order}");
    app.put(&path).send().await.refused(400, 1001);
    for body in [json!({}), json!({ "objectId": order })] {
        app.put(&path).json(&body).send().await.refused(400, 1001);
    }
}

#[tokio::test]
async fn a_fixed_schema_refuses_what_is_missing() {
    let app = App::start().await;
    let order = order(&app).await;
    app.set(json!({ "schema": { "dynamic": false } })).await;
    let before = stored(&app).await;
    let path = format!("/data/Order/{order}");
    let body = json!({ "shoe": 1 });
    for (codes, answer) in [
        (
            [1009, 1125],
            app.post("/data/Nope").json(&json!({})).send().await,
        ),
        (
            [1009, 1125],
            app.post("/data/bulk/Nope").json(&json!([{}])).send().await,
        ),
        (
            [1126, 1126],
            app.post("/data/Order").json(&body).send().await,
        ),
        ([1126, 1126], app.put(&path).json(&body).send().await),
        (
            [1126, 1126],
            app.put("/data/bulkupsert/Order")
                .json(&json!([body]))
                .send()
                .await,
        ),
    ] {
        let code = serde_json::from_str::<Json>(&answer.text).unwrap()["code"].clone();
        assert!(codes.map(Json::from).contains(&code), "{}", answer.text);
        assert_eq!(400, answer.status);
    }
    let column = format!("{path}/more:Item:n");
    let answer = app.post(&column).json(&json!([])).send().await;
    answer.refused(400, 1127);
    assert_eq!(before, stored(&app).await);
}

#[tokio::test]
async fn a_nul_character_is_refused_with_8008_wherever_it_stands() {
    let app = App::start().await;
    order(&app).await;
    for path in [
        "/data/Order?where=%00",
        "/data/Order/pk?text=a%00",
        "/data/Or%00der",
        "/data/Order/1%00",
    ] {
        app.get(path).send().await.refused(400, 8008);
    }
    let body = json!([{ "text": "a\u{0}" }]);
    app.post("/data/bulk/Order")
        .json(&body)
        .send()
        .await
        .refused(400, 8008);
    let body = json!({ "where": "text = '\u{0}'" });
    app.post("/data/Order/find")
        .json(&body)
        .send()
        .await
        .refused(400, 8008);
}

#[tokio::test]
async fn references_within_references_cannot_exhaust_the_server() {
    let app = App::start().await;
    let mut body = json!({ "l0": { "__subID": "0", "text": "x".repeat(50_000) } });
    for level in 1..13_000 {
        let below = json!({ "__originSubID": (level - 1).to_string() });
        body[format!("l{level}")] = json!({ "__subID": level.to_string(), "a": below });
    }
    let around = json!({ "a": { "__subID": "a", "__originSubID": "a" } });
    let many = vec![json!({ "__originSubID": "x" }); 20_000];
    let often = json!({ "a": { "__subID": "x", "text": "x".repeat(500_000) }, "b": many });
    for body in [body, around, often] {
        for path in ["/data/Order", "/data/Order/upsert", "/data/Order/deep-save"] {
            app.put(path).json(&body).send().await.refused(400, 8008);
        }
    }
    app.get("/data/Order").send().await.refused(400, 1009);
}
