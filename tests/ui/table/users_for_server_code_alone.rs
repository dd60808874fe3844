use vestibule::prelude::*;

table! {
    server_only;
    Users {
        nickname: String,
    }
}

fn main() {}
