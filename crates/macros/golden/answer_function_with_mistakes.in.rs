#[answer(order = 5)]
async fn convert(event: &Convert, _ctx: &Context) -> Outcome<Convert> {
    Ok(event.celsius * 1.8 + 32.0)
}
