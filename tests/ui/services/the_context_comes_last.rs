use vestibule::prelude::*;

#[derive(Default)]
struct Shop;

#[service("shop")]
impl Shop {
    #[post(access = anyone)]
    async fn open(&self, hour: u8) -> Result<u8> {
        Ok(hour)
    }

    #[post(access = anyone)]
    async fn close(&self) -> Result<()> {
        Ok(())
    }
}

fn main() {}
