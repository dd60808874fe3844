use vestibule::KeyKind;
use vestibule_core::{ClientRequest, PresentedKey};

fn forge() -> ClientRequest {
    ClientRequest::new(PresentedKey(KeyKind::Bl))
}

fn main() {}
