#[observe]
pub async fn count(seen: &SeenAny, witness: &Witness) -> Result<()> {
    witness.state::<Counts>().count(seen);
    Ok(())
}
