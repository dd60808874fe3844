//! `--guest-prefix-v4` and `--guest-prefix-v6`: whose guests share a quota.

use serde_json::json;

use crate::{
    operator::{ADMIN_TOKEN, ask},
    server::Folder,
};

/// Lets one guest a minute in; how many of these come in, each on behalf of another address.
fn let_in(flags: &[&str], addresses: &[&str]) -> usize {
    let folder = Folder::new();
    let always = ["--trusted-proxy", "127.0.0.1", "--admin-token", ADMIN_TOKEN];
    let server = folder.serve(&[&always[..], flags].concat());
    let one = json!({ "guests": { "perAddressPerMinute": 1 } });
    ask(&server, "PATCH", "settings", &one);
    let mut client = server.client();
    let path = format!("{}/users/register/guest", server.root());
    let answers = addresses.iter().map(|address| {
        let headers = [("x-forwarded-for", *address)];
        let answer = client.call("POST", &path, &headers, None).unwrap();
        assert!([200, 429].contains(&answer.status), "{answer:?}");
        answer.status
    });
    let let_in = answers.filter(|status| *status == 200).count();
    server.stop();
    let_in
}

#[test]
fn neighbours_share_a_quota_unless_the_operator_says_otherwise() {
    let addresses = [
        "192.0.2.1",
        "192.0.2.2",
        "192.0.2.1",
        "2001:db8:0:1100::1",
        "2001:db8:0:1101::1",
        "2001:db8:0:1101::2",
    ];
    assert_eq!(2, let_in(&[], &addresses));
    let longer = ["--guest-prefix-v4", "32", "--guest-prefix-v6", "64"];
    assert_eq!(4, let_in(&longer, &addresses));
}
