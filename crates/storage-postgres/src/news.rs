//! News as texts that servers send each other. A server of another build may send what this one does
//! not know; then anything may have changed.

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use serde::{Deserialize, Serialize};
use vestibule_model::{ObjectId, Selector};
use vestibule_storage::News;

/// The channel on which all servers of a database hear each other.
pub(crate) const CHANNEL: &str = "vestibule";

/// How many selectors, users, roles and tables one text names. PostgreSQL takes up to 8,000 bytes, and
/// the longest of these names takes 63.
const NAMES_PER_TEXT: usize = 64;

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Sent {
    from: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sessions: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    users: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    removed_users: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    dropped_roles: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    record_permissions: Vec<String>,
    #[serde(skip_serializing_if = "is_not")]
    has_new_role: bool,
    #[serde(skip_serializing_if = "is_not")]
    permissions: bool,
    #[serde(skip_serializing_if = "is_not")]
    settings: bool,
    #[serde(skip_serializing_if = "is_not")]
    app: bool,
    #[serde(skip_serializing_if = "is_not")]
    handlers: bool,
    #[serde(skip_serializing_if = "is_not")]
    schema: bool,
    #[serde(skip_serializing_if = "is_not")]
    missed: bool,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands a reference over"
)]
fn is_not(flag: &bool) -> bool {
    !flag
}

/// The news as texts, each short enough to be sent; none if there are no news.
pub(crate) fn payloads(news: &News, from: &str) -> Vec<String> {
    if news.is_empty() {
        return Vec::new();
    }
    let sessions = news.sessions.iter();
    let sessions: Vec<_> = sessions
        .map(|selector| STANDARD_NO_PAD.encode(selector.as_bytes()))
        .collect();
    let names = |ids: &std::collections::BTreeSet<ObjectId>| -> Vec<String> {
        ids.iter().map(|id| id.as_str().to_owned()).collect()
    };
    let flags = || Sent {
        from: from.to_owned(),
        has_new_role: news.has_new_role,
        permissions: news.permissions,
        settings: news.settings,
        app: news.app,
        handlers: news.handlers,
        schema: news.schema,
        missed: news.missed,
        ..Sent::default()
    };
    let mut texts = Vec::new();
    let mut add = |names: Vec<String>, put: fn(&mut Sent, Vec<String>)| {
        for part in names.chunks(NAMES_PER_TEXT) {
            let mut sent = Sent {
                from: from.to_owned(),
                ..Sent::default()
            };
            put(&mut sent, part.to_vec());
            texts.push(sent);
        }
    };
    add(sessions, |sent, part| sent.sessions = part);
    add(names(&news.users), |sent, part| sent.users = part);
    add(names(&news.removed_users), |sent, part| {
        sent.removed_users = part;
    });
    let roles = news.dropped_roles.iter().cloned().collect();
    add(roles, |sent, part| sent.dropped_roles = part);
    let tables = news.record_permissions.iter().cloned().collect();
    add(tables, |sent, part| sent.record_permissions = part);
    // The rest in a text of its own, or with the first names.
    let rest = flags();
    match texts.first_mut() {
        Some(first) => {
            *first = Sent {
                sessions: std::mem::take(&mut first.sessions),
                users: std::mem::take(&mut first.users),
                removed_users: std::mem::take(&mut first.removed_users),
                dropped_roles: std::mem::take(&mut first.dropped_roles),
                record_permissions: std::mem::take(&mut first.record_permissions),
                ..rest
            };
        }
        None => texts.push(rest),
    }
    let texts = texts.iter().map(serde_json::to_string);
    texts.map(|text| text.unwrap_or_default()).collect()
}

/// What a text says; none if this server sent it itself.
pub(crate) fn heard(payload: &str, me: &str) -> Option<News> {
    let Ok(sent) = serde_json::from_str::<Sent>(payload) else {
        return Some(News::missed());
    };
    if sent.from == me {
        return None;
    }
    let selector = |text: &String| -> Option<Selector> {
        let bytes = STANDARD_NO_PAD.decode(text).ok()?;
        bytes.try_into().ok().map(Selector::from_bytes)
    };
    let sessions = sent.sessions.iter().map(selector).collect::<Option<_>>();
    let ids = |names: &[String]| names.iter().map(|id| ObjectId::parse(id).ok()).collect();
    let (Some(sessions), Some(users), Some(removed_users)) =
        (sessions, ids(&sent.users), ids(&sent.removed_users))
    else {
        return Some(News::missed());
    };
    Some(News {
        sessions,
        users,
        removed_users,
        dropped_roles: sent.dropped_roles.into_iter().collect(),
        has_new_role: sent.has_new_role,
        permissions: sent.permissions,
        record_permissions: sent.record_permissions.into_iter().collect(),
        settings: sent.settings,
        app: sent.app,
        handlers: sent.handlers,
        schema: sent.schema,
        missed: sent.missed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put_together(texts: &[String]) -> News {
        let mut all = News::default();
        for text in texts {
            let news = heard(text, "me").unwrap();
            all.sessions.extend(news.sessions);
            all.users.extend(news.users);
            all.removed_users.extend(news.removed_users);
            all.dropped_roles.extend(news.dropped_roles);
            all.record_permissions.extend(news.record_permissions);
            all.has_new_role |= news.has_new_role;
            all.permissions |= news.permissions;
            all.settings |= news.settings;
            all.app |= news.app;
            all.handlers |= news.handlers;
            all.schema |= news.schema;
            all.missed |= news.missed;
        }
        all
    }

    #[test]
    fn what_is_sent_is_heard_in_as_many_texts_as_it_takes() {
        let id = |n: u32| ObjectId::parse(&format!("00000000-0000-4000-8000-{n:012}")).unwrap();
        let news = News {
            sessions: (0..200).map(|n| Selector::from_bytes([n; 16])).collect(),
            users: (0..100).map(id).collect(),
            removed_users: [id(7)].into(),
            dropped_roles: ["Editor".to_owned()].into(),
            has_new_role: true,
            permissions: true,
            record_permissions: ["T".repeat(63)].into(),
            settings: true,
            app: true,
            handlers: true,
            schema: true,
            missed: true,
        };
        let texts = payloads(&news, "other");
        assert!(texts.len() > 5);
        assert!(texts.iter().all(|text| text.len() < 8_000));
        assert_eq!(news, put_together(&texts));
        let flag = News {
            settings: true,
            ..News::default()
        };
        assert_eq!(flag, put_together(&payloads(&flag, "other")));
    }

    #[test]
    fn no_news_are_not_sent_and_the_own_are_not_heard() {
        assert!(payloads(&News::default(), "me").is_empty());
        let texts = payloads(&News::missed(), "me");
        assert_eq!(None, heard(&texts[0], "me"));
    }

    #[test]
    fn what_is_not_understood_may_be_anything() {
        for text in [
            "",
            "?",
            r#"{"from":"other","kind":1}"#,
            r#"{"from":"other","sessions":["x"]}"#,
        ] {
            assert_eq!(Some(News::missed()), heard(text, "me"), "{text}");
        }
    }
}
