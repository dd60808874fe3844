use vestibule::prelude::*;

fn copy<'a>(cloud: &CloudCode<'a>) -> CloudCode<'a> {
    cloud.clone()
}

fn main() {}
