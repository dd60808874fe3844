#[after(events = [Login, LoginByObjectId])]
async fn welcome<E: Event<Output = LoggedIn>>(
    _event: &E,
    outcome: Outcome<E>,
    ctx: &Context,
) -> Outcome<E> {
    ctx.response().set_header("x-welcome", "back")?;
    outcome
}
