::core::compile_error! {
    "`#[after]` goes on an impl of `After`; an impl of `Before` takes `#[before]`"
}
#[::vestibule::__private::async_trait]
impl Before<Register> for Invitations {
    async fn before(
        &self,
        event: &mut Register,
        _ctx: &Context,
    ) -> Result<Flow<Register>> {
        self.check(event)
    }
}
