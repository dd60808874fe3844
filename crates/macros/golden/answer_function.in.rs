#[answer(timeout = "30s")]
/// Converts a temperature.
#[cfg(feature = "weather")]
pub(crate) async fn convert(Convert { celsius }: Convert, _ctx: &Context) -> Outcome<Convert> {
    Ok(celsius * 1.8 + 32.0)
}
